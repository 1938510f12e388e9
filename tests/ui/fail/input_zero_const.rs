// An empty image, by a constant.
use paramalloc_core::prelude::*;

const SIZE: usize = 0;

#[multitask(input = (1, SIZE, SIZE))]
struct Net {
    flatten: Flatten2D,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
