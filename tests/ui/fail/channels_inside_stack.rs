// An error in the middle of a stack, behind an alias.
use paramalloc_core::prelude::*;

type Stem = (Conv2D<1, 8, 1>, GroupNorm<4, 4>, ReLU);

#[multitask(input = (1, 28, 28))]
struct Net {
    stem: Stem,
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<6272, 10>,
}

fn main() {}
