// Neither copies nor alternatives.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    #[routed]
    conv1: (Conv2D<1, 4, 5>, ReLU),
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<2304, 10>,
}

fn main() {}
