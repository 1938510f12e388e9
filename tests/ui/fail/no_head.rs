// No field is marked as the head.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    flatten: Flatten2D,
    head: PerTaskLinear<784>,
}

fn main() {}
