// A part of a stack that is no layer.
use paramalloc_core::prelude::*;

struct Relu6;

#[multitask(input = 8)]
struct Net {
    dense: (Linear<8, 8>, Relu6),
    dense2: (Linear<8, 8>, ReLU),
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
