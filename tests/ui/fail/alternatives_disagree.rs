// Alternatives of one routed layer give different shapes.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    #[routed]
    block: AnyOf<(Conv2D<1, 4, 3>, Conv2D<1, 4, 5>)>,
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<2704, 10>,
}

fn main() {}
