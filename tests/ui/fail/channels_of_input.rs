// A first field that does not fit the input.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    conv1: Conv2D<3, 4, 5>,
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<2304, 10>,
}

fn main() {}
