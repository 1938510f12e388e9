// Heads without outputs.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[head(classes = 0)]
    head: Linear<8, 0>,
}

fn main() {}
