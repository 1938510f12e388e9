// One copy, by a constant, and by a literal beside a type without alternatives.
use paramalloc_core::prelude::*;

const COPIES: usize = 1;

#[multitask(input = (1, 28, 28))]
struct Net {
    #[routed(COPIES)]
    conv1: (Conv2D<1, 4, 5>, ReLU),
    #[routed(1)]
    conv2: Conv2D<4, 4, 5>,
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<1600, 10>,
}

fn main() {}
