// No tasks, by a literal.
use paramalloc_core::prelude::*;

#[multitask(input = 8, tasks = 0)]
struct Net {
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
