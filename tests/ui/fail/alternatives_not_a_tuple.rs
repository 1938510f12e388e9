// `AnyOf` of one layer instead of a tuple.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[routed(2)]
    dense: AnyOf<Linear<8, 8>>,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
