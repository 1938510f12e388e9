// An empty image, by literals.
use paramalloc_core::prelude::*;

#[multitask(input = (0, 28, 0))]
struct Net {
    flatten: Flatten2D,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
