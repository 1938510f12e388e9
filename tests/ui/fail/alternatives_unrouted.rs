// Alternatives, but `#[routed]` is forgotten.
use paramalloc_core::prelude::*;

type Block<const C: usize> = AnyOf<(Conv2D<1, C, 3, 1, Same>, Conv2D<1, C, 5, 1, Same>)>;

#[multitask(input = (1, 28, 28))]
struct Net {
    block: Block<4>,
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<3136, 10>,
}

fn main() {}
