// Errors in constants only: each is reported once.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28), tasks = 2)]
struct Net {
    stem: (Conv2D<3, 8, 1>, ReLU),
    conv1: (Conv2D<4, 8, 5>, ReLU),
    #[routed]
    conv2: (Conv2D<8, 8, 40>, ReLU),
    conv3: Conv2D<9, 9, 9>,
    flatten: Flatten2D,
    #[head(classes_per_task = [10, 10, 10])]
    head: Linear<36, 12>,
}

fn network<N: Multitask>() -> &'static Network {
    const { &N::NETWORK }
}

const _: fn() -> &'static Network = network::<Net>;

fn main() {}
