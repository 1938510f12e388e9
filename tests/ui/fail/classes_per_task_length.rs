// More widths than tasks.
use paramalloc_core::prelude::*;

const CLASSES: [usize; 5] = [5, 5, 9, 9, 9];

#[multitask(input = 8, tasks = 4)]
struct Net {
    #[head(classes_per_task = CLASSES)]
    head: PerTaskLinear<8>,
}

fn main() {}
