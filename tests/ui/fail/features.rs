// Features that do not fit the field above.
use paramalloc_core::prelude::*;

#[multitask(input = 12)]
struct Net {
    dense1: (Linear<12, 8>, ReLU),
    dense2: (Linear<9, 8>, ReLU),
    #[head(classes = 10)]
    head: Linear<8, 10>,
}

fn main() {}
