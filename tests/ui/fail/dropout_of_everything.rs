// A dropout that keeps nothing.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    dropout: (ReLU, DropoutOneIn<1>),
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
