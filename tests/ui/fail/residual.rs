// Residuals whose layers give what their input cannot be added to.
use paramalloc_core::prelude::*;

#[multitask(input = (3, 8, 8))]
struct Sizes {
    block: Residual<(Conv2D<3, 3, 3>, ReLU)>,
    flatten: Flatten2D,
    #[head(classes = 2)]
    head: Linear<108, 2>,
}

#[multitask(input = (3, 8, 8))]
struct Features {
    block: (Residual<Flatten2D>, ReLU),
    #[head(classes = 2)]
    head: Linear<192, 2>,
}

#[multitask(input = (3, 8, 8))]
struct Inside {
    block: Residual<(Conv2D<3, 4, 3, 1, Same>, Conv2D<3, 4, 3, 1, Same>)>,
    flatten: Flatten2D,
    #[head(classes = 2)]
    head: Linear<256, 2>,
}

fn main() {}
