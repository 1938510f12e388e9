// Generics and a `where` clause.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Wide<const N: usize, L>
where
    L: Layer,
{
    dense: L,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
