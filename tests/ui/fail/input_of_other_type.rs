// A constant that is no shape.
use paramalloc_core::prelude::*;

const SIZE: f64 = 8.0;

#[multitask(input = SIZE)]
struct Net {
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
