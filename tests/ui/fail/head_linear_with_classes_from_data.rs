// A head of one width, but the attribute leaves it to the data.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    flatten: Flatten2D,
    #[head(classes_from_data)]
    head: Linear<784, 10>,
}

fn main() {}
