// A struct without fields.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    
}

fn main() {}
