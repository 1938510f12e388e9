// Alternatives as a part of a stack.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    #[routed]
    block: (Conv2D<1, 4, 1>, AnyOf<(Conv2D<4, 4, 3>, Conv2D<4, 4, 3>)>),
    #[routed(2)]
    conv2: Conv2D<9, 4, 3>,
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<2704, 10>,
}

fn main() {}
