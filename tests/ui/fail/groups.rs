// Groups that do not divide the channels.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    stem: (Conv2D<1, 8, 1>, GroupNorm<8, 3>, ReLU),
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<6272, 10>,
}

fn main() {}
