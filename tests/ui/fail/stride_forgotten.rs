// A padding where the stride belongs.
use paramalloc_core::prelude::*;

#[multitask(input = (3, 28, 28))]
struct Net {
    stem: (Conv2D<3, 8, 3, Same>, ReLU),
    #[routed(2)]
    block: Residual<(Conv2D<8, 8, 3, Same>, ReLU)>,
    pool: MaxPool2D<2, Valid>,
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<1568, 10>,
}

fn main() {}
