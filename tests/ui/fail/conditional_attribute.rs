// Our attributes under a condition.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[cfg_attr(test, routed(2))]
    dense: Linear<8, 8>,
    #[cfg_attr(all(), doc = "The head.", head(classes = 2))]
    head: Linear<8, 2>,
}

fn main() {}
