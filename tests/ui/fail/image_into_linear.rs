// A `Flatten2D` is missing.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    conv1: Conv2D<1, 4, 5>,
    dense: Linear<2304, 8>,
    #[head(classes = 10)]
    head: Linear<8, 10>,
}

fn main() {}
