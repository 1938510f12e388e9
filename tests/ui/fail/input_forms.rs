// Shapes that are written otherwise.
use paramalloc_core::prelude::*;

#[multitask(1, 28, 28)]
struct NoName {
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<784, 10>,
}

#[multitask(8, tasks = 2)]
struct NoNameEither {
    #[head(classes = 10)]
    head: Linear<8, 10>,
}

#[multitask(input = [1, 28, 28])]
struct Brackets {
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<784, 10>,
}

#[multitask(input = 8.0)]
struct NoWholeNumber {
    #[head(classes = 10)]
    head: Linear<8, 10>,
}

fn main() {}
