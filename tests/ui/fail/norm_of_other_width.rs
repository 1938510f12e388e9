// What comes after an ambiguous error is not reported.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    stem: (Conv2D<1, 8, 1>, GroupNorm<4, 4>),
    conv1: Conv2D<3, 4, 5>,
    flatten: Flatten2D,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
