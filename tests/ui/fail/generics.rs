// Parameters without a default, a lifetime and a `where` clause.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Wide<'a, const N: usize, L>
where
    L: Layer,
{
    dense: L,
    text: &'a str,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn main() {}
