// What is there twice: the attribute of the struct, and a field's name.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
#[multitask(input = 8)]
struct Twice {
    dense: Linear<8, 8>,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

#[multitask(input = 8)]
struct Net {
    dense: Linear<8, 8>,
    dense: (Linear<8, 6>, ReLU),
    #[head(classes = 2)]
    head: Linear<6, 2>,
}

fn main() {}
