// A task without classes, found in a constant.
use paramalloc_core::prelude::*;

const CLASSES: [usize; 3] = [5, 0, 9];

#[multitask(input = 8)]
struct Net {
    #[head(classes_per_task = CLASSES)]
    head: PerTaskLinear<8>,
}

fn main() {}
