// The errors that docs/language.md shows, in its networks.
use paramalloc_core::prelude::*;

#[multitask(input = 12, tasks = 3)]
struct First {
    shared: (Linear<12, 16>, ReLU),
    #[routed(4)]
    dense: (Linear<8, 16>, ReLU),
    #[head(classes = 5)]
    head: Linear<16, 5>,
}

#[multitask(input = (3, 16, 16), tasks = 6)]
struct Paths {
    #[routed(4)]
    first: (Conv2D<3, 8, 3, 2, Same>, GroupNorm<8, 2>, ReLU),
    #[routed(3, router_of = first)]
    second: (Conv2D<8, 8, 3, 1, Same>, GroupNorm<8, 2>, ReLU),
    pool: GlobalAvgPool2D,
    #[routed(4, router_of = first)]
    third: (Linear<8, 16>, ReLU),
    #[head(classes = 5)]
    head: Linear<16, 5>,
}

#[multitask(input = (3, 16, 16), tasks = 6)]
struct Misspelt {
    #[routed(4)]
    first: (Conv2D<3, 8, 3, 2, Same>, GroupNorm<8, 2>, ReLU),
    #[routed(4, router_of = frist)]
    second: (Conv2D<8, 8, 3, 1, Same>, GroupNorm<8, 2>, ReLU),
    pool: GlobalAvgPool2D,
    #[head(classes = 5)]
    head: Linear<8, 5>,
}

fn main() {}
