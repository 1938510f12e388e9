// No shape of one example.
use paramalloc_core::prelude::*;

#[multitask(tasks = 2)]
struct Net {
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
