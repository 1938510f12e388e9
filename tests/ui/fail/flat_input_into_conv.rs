// The input should be an image.
use paramalloc_core::prelude::*;

#[multitask(input = 784)]
struct Net {
    conv1: (Conv2D<1, 4, 5>, ReLU),
    flatten: Flatten2D,
    #[head(classes = 10)]
    head: Linear<2304, 10>,
}

fn main() {}
