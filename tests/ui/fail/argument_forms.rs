// Values that are missing or too many.
use paramalloc_core::prelude::*;

#[multitask(input = 8, tasks)]
struct Net {
    #[routed = 4]
    dense1: Linear<8, 8>,
    #[head(classes_from_data = 2)]
    head: PerTaskLinear<8>,
}

fn main() {}
