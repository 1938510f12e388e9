// Attributes and arguments that are given twice.
use paramalloc_core::prelude::*;

#[multitask(input = 8, input = 9)]
struct Net {
    #[routed(2)]
    #[routed(3)]
    dense1: Linear<8, 8>,
    #[routed(2, 3)]
    dense2: Linear<8, 8>,
    #[routed(2)]
    #[head(classes = 2, classes = 3)]
    head: Linear<8, 2>,
}

fn main() {}
