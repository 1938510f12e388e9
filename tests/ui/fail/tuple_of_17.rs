// More layers than a tuple inside of another layer has; a field's own tuple
// has as many as one likes.
use paramalloc_core::prelude::*;

#[multitask(input = 8)]
struct Net {
    #[rustfmt::skip]
    residual: Residual<(
        ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU,
        ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, Linear<8, 8>,
    )>,
    #[routed]
    #[rustfmt::skip]
    any: AnyOf<(
        ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU,
        ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, Tanh,
    )>,
    #[rustfmt::skip]
    fine: (
        Linear<8, 6>, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU,
        ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, ReLU, Linear<6, 6>,
    ),
    #[head(classes = 2)]
    head: Linear<6, 2>,
}

fn main() {}
