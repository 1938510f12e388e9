// The width of the head is given in two ways.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    flatten: Flatten2D,
    #[head(classes = 10, classes_from_data)]
    head: Linear<784, 10>,
}

fn main() {}
