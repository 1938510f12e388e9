// A field below the head.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<784, 10>,
    dropout: Dropout,
}

fn main() {}
