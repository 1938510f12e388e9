// Private fields that are something else too.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[private]
    #[routed(2)]
    both: Linear<8, 8>,
    #[privat]
    misspelt: Linear<8, 8>,
    #[private(2)]
    counted: Linear<8, 8>,
    #[private]
    either: AnyOf<(Linear<8, 8>, Identity)>,
    #[head(classes = 2)]
    head: (Linear<8, 4>, Linear<5, 2>),
}

fn main() {}
