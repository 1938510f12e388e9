// The shape of an example as a constant, and what a `macro_rules!` passes on.
use paramalloc_core::prelude::*;

const SHAPE: (usize, usize, usize) = (1, 4, 4);
const DIMS: Dims = Dims::image(1, 4, 4);
const SIZES: [usize; 3] = [1, 4, 4];
const FEATURES: usize = 16;

macro_rules! net {
    ($name:ident, $input:expr, $flatten:ty) => {
        #[multitask(input = $input)]
        struct $name {
            flatten: $flatten,
            #[routed(2)]
            dense: Linear<16, 8>,
            #[head(classes = 2)]
            head: Linear<8, 2>,
        }
    };
}

net!(Tuple, (1, 4, 4), Flatten2D);
net!(Shape, SHAPE, (Identity, Flatten2D));
net!(WithDims, DIMS, Flatten2D);
net!(Sizes, SIZES, Flatten2D);
net!(Features, FEATURES, Identity);
net!(Number, 16, Identity);
net!(Sum, 8 + 8, Identity);

fn main() {
    let image = Dims::image(1, 4, 4);
    for network in [Tuple::NETWORK, Shape::NETWORK, WithDims::NETWORK, Sizes::NETWORK] {
        assert_eq!(network.input, image);
    }
    for network in [Features::NETWORK, Number::NETWORK, Sum::NETWORK] {
        assert_eq!(network.input, Dims::features(16));
    }
}
