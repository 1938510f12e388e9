// No tasks, by a constant.
use paramalloc_core::prelude::*;

const TASKS: usize = 0;

#[multitask(input = 8, tasks = TASKS)]
struct Net {
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
