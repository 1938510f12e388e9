// An alternative that is no layer.
use paramalloc_core::prelude::*;

struct Mine;

#[multitask(input = 8)]
struct Net {
    #[routed]
    dense: AnyOf<(Linear<8, 8>, Mine)>,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
