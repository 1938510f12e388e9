// The image has become smaller than the kernel.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    pool: AvgPool2D<14>,
    conv1: (Conv2D<1, 4, 3>, ReLU),
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<4, 10>,
}

fn main() {}
