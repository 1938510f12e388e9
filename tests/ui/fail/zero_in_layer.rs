// A zero, and a dropout that drops everything.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    conv1: Conv2D<1, 4, 5, 0>,
    flatten: Flatten2D,
    dropout: DropoutOneIn<1>,
    #[head(classes = 10)]
    head: Linear<36, 10>,
}

fn main() {}
