// Another number of tasks than the argument says, and a width of zero in a constant.
use paramalloc_core::prelude::*;

const NONE: usize = 0;

#[multitask(input = 8, tasks = 3)]
struct Count {
    #[head(tasks = [classes(3), value])]
    head: PerTaskLinear<8>,
}

#[multitask(input = 8)]
struct Zero {
    #[head(tasks = [classes(3), values(NONE)])]
    head: PerTaskLinear<8>,
}

#[multitask(input = 8)]
struct Head {
    #[head(tasks = [classes(3), value])]
    head: Linear<8, 3>,
}

fn main() {}
