// A number of copies that is no `usize`.
use paramalloc_core::prelude::*;

const COPIES: u8 = 4;

#[multitask(input = 8)]
struct Net {
    #[routed(COPIES)]
    dense: Linear<8, 8>,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
