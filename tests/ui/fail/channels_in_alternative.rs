// One alternative of three does not fit.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    stem: Conv2D<1, 8, 1>,
    #[routed]
    block: AnyOf<(
    Conv2D<8, 8, 3, 1, Same>,
    (Conv2D<8, 4, 5, 1, Same>, ReLU, Conv2D<8, 8, 5, 1, Same>),
    Identity,
    )>,
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<6272, 10>,
}

fn main() {}
