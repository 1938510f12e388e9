//! `#[multitask]` where the only dependency is `paramalloc`, and under another
//! name.

use whole::core::prelude::*;

/// One routed layer.
#[multitask(input = 4, tasks = 2)]
pub struct Net {
    #[routed(2)]
    dense: (Linear<4, 8>, ReLU),
    #[head(classes = 5)]
    head: Linear<8, 5>,
}
