// A head of one width per task, but one width in the attribute.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: PerTaskLinear<784>,
}

fn main() {}
