// Heads that predict at each pixel: of another width, another number of channels,
// and behind a `Flatten2D`.
use paramalloc_core::prelude::*;

#[multitask(input = (3, 8, 8))]
struct Width {
    #[head(classes = 5)]
    head: Conv2D<3, 4, 1>,
}

#[multitask(input = (3, 8, 8))]
struct Channels {
    stem: Conv2D<3, 8, 3, 1, Same>,
    #[head(tasks = [classes(5), value])]
    head: (Conv2D<8, 16, 1>, ReLU, PerTaskConv2D<8>),
}

#[multitask(input = (3, 8, 8))]
struct Flat {
    flatten: Flatten2D,
    #[head(from_data)]
    head: PerTaskConv2D<192>,
}

fn main() {}
