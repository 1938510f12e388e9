// Many errors: each is reported once, and the use below compiles.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28), tasks = TASKS)]
struct Net {
    #[routed(1)]
    conv1: (Conv2D<1, 4, 5>, ReLU),
    pool1: AvgPool2D<2>,
    #[routed(4)]
    conv2: (Conv2D<8, 4, 3>, GroupNorm<4, 2>),
    block: AnyOf<(Conv2D<4, 4, 3>, Conv2D<4, 4, 5>)>,
    #[routed]
    dense: Linear<400, 36>,
    text: String,
    #[routed(4, rooter = Mine)]
    conv4: Conv2D<4, 4, 3>,
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<36, 12>,
}

const TASKS: usize = 0;

fn network<N: Multitask>() -> &'static Network {
    const { &N::NETWORK }
}

const _: fn() -> &'static Network = network::<Net>;

fn main() {}
