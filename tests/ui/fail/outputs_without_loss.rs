// Which loss a regression has is not guessed.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[head(outputs = 1)]
    head: Linear<8, 1>,
}

fn main() {}
