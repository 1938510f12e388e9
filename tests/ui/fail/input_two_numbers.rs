// Neither an image nor a number of features.
use paramalloc_core::prelude::*;

#[multitask(input = (28, 28))]
struct Net {
    flatten: Flatten2D,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
