// Tasks of a head that are written wrong, all at once.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Forms {
    #[head(tasks = [classes, class(3), labels(0), value(2), values(3, losses = Huber), 7])]
    head: PerTaskLinear<8>,
}

#[multitask(input = 8)]
struct NoList {
    #[head(tasks = classes(3))]
    head: PerTaskLinear<8>,
}

#[multitask(input = 8)]
struct Empty {
    #[head(tasks = [])]
    head: PerTaskLinear<8>,
}

#[multitask(input = 8)]
struct TwoLosses {
    #[head(tasks = [value], loss = Huber)]
    head: PerTaskLinear<8>,
}

#[multitask(input = 8)]
struct Repeated {
    #[head(tasks = [labels(1); COUNT])]
    head: PerTaskLinear<8>,
}

fn main() {}
