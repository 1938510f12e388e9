// A head that is neither a linear layer nor a convolution, and one of several
// layers that ends in none.
use paramalloc_core::prelude::*;

#[multitask(input = (1, 28, 28))]
struct Net {
    #[head(classes = 10)]
    head: MaxPool2D<2>,
}

#[multitask(input = 8)]
struct Other {
    #[head(classes = 10)]
    head: (Linear<8, 10>, ReLU),
}

fn main() {}
