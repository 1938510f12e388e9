// The width of the head is missing.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    flatten: Flatten2D,
    #[head]
    head: Linear<784, 10>,
}

fn main() {}
