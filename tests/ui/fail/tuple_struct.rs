// A tuple struct, and a struct without fields.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Tuple(Linear<8, 8>, #[head(classes = 2)] Linear<8, 2>);

#[multitask(input = 8)]
struct Unit;

fn main() {}
