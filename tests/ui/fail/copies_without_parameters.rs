// Copies of layers that all compute the same.
use paramalloc_core::prelude::*;

const COPIES: usize = 3;

#[multitask(input = (4, 8, 8))]
struct Net {
    #[routed(4)]
    activation: ReLU,
    #[routed(COPIES)]
    pool: AnyOf<(MaxPool2D<2>, AvgPool2D<2>)>,
    #[routed(2)]
    same: Residual<(ReLU, AvgPool2D<3, 1, Same>)>,
    #[routed(2)]
    projected: Residual<AvgPool2D<2, 2, Same>>,
    #[routed]
    fine: AnyOf<(MaxPool2D<2>, AvgPool2D<2>)>,
    flatten: Flatten2D,
    #[head(classes = 2)]
    head: Linear<4, 2>,
}

fn main() {}
