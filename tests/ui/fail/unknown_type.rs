// A type that does not exist.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    dense: (Linear<8, 8>, Relu),
    dense2: (Linear<8, 8>, ReLU),
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
