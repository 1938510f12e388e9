// A width that does not fit the field above.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    conv1: (Conv2D<1, 4, 5>, ReLU),
    pool1: AvgPool2D<2>,
    conv2: (Conv2D<8, 4, 3>, ReLU),
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<400, 10>,
}

fn main() {}
