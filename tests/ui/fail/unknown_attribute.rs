// An attribute that does not exist.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[shared]
    dense: Linear<8, 8>,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
