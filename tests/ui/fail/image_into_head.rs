// A `Flatten2D` is missing, and the width is wrong too.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    pool: AvgPool2D<4>,
    #[head(classes = 10)]
    head: Linear<36, 10>,
}

fn main() {}
