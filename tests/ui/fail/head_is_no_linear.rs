// A head that is no linear layer.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    #[head(classes = 10)]
    head: Conv2D<1, 10, 28>,
}

fn main() {}
