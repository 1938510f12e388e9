// A head of one width, but one per task in the attribute.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    flatten: Flatten2D,
    #[head(classes_per_task = [5, 5, 9])]
    head: Linear<784, 10>,
}

fn main() {}
