// The network of the defaults is checked.
use paramalloc_core::prelude::*;

#[multitask(input = (3, 16, 16))]
struct Net<const W: usize = 8, A: Layer = ReLU> {
    stem: (Conv2D<3, W, 3>, A),
    #[routed(4)]
    block: (Conv2D<16, W, 3>, A),
    flatten: Flatten2D,
    #[head(classes = 2)]
    head: Linear<W, 2>,
}

fn main() {}
