// Items that are no structs.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
enum Enum {
    Dense(Linear<8, 8>),
}

#[multitask(input = 8)]
union Union {
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

#[multitask(input = 8)]
fn function() {}

fn main() {}
