// A field under `cfg`.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[cfg(test)]
    dense: Linear<8, 8>,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
