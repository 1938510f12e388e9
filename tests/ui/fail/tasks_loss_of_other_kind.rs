// Losses that do not go with what the task is.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[head(tasks = [classes(3, loss = Huber), value(loss = Loss::BinaryCrossEntropy), labels(2)])]
    head: PerTaskLinear<8>,
}

fn main() {}
