// Arguments that do not exist, in all three attributes.
use paramalloc_core::prelude::*;

#[multitask(input = 8, task = 4)]
struct Net {
    #[routed(2, routr = Mine)]
    dense1: Linear<8, 8>,
    #[routed(coppies = 2)]
    dense2: Linear<8, 8>,
    #[head(klasses = 2)]
    head: Linear<8, 2>,
}

fn main() {}
