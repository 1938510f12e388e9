// The head takes other features.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<36, 10>,
}

fn main() {}
