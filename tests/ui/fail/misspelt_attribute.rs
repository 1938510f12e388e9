// Attributes that were meant to be ours.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[routd(2)]
    dense1: Linear<8, 8>,
    #[Routed]
    dense2: AnyOf<(Linear<8, 8>, Identity)>,
    #[haed(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
