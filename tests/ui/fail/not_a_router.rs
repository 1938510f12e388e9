// A router that is none.
use paramalloc_core::prelude::*;

struct NotARouter;

#[multitask(input = 8)]
struct Net {
    #[routed(4, router = NotARouter)]
    dense: Linear<8, 8>,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
