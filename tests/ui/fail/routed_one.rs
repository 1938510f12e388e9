// One copy of a stack.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    #[routed(1)]
    conv1: (Conv2D<1, 4, 5>, ReLU),
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<2304, 10>,
}

fn main() {}
