// Two heads.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    flatten: Flatten2D,
    #[head(classes = 10)]
    digits: Linear<784, 10>,
    #[head(classes = 2)]
    parity: Linear<784, 2>,
}

fn main() {}
