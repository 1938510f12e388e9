// A loss of another type.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[head(classes = 2, loss = "mse")]
    head: Linear<8, 2>,
}

fn main() {}
