// Layers that gates cannot weigh.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Copies {
    #[routed(gate, private = 2)]
    activation: AnyOf<(ReLU, Tanh)>,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

#[multitask(input = 2)]
struct Indices {
    #[routed(4, gate)]
    experts: (Embedding<100, 8>, Flatten2D, Linear<16, 8>),
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
