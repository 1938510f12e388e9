// The head is wider than `classes`.
use paramalloc_core::prelude::*;

const CLASSES: usize = 10;

#[multitask(input = (1, 28, 28))]
struct Net {
    flatten: Flatten2D,
    #[head(classes = CLASSES)]
    head: Linear<784, 12>,
}

fn main() {}
