// An image layer below `Flatten2D`.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    flatten: Flatten2D,
    conv1: (Conv2D<1, 4, 5>, ReLU),
    #[head(classes = 10)]
    head: Linear<36, 10>,
}

fn main() {}
