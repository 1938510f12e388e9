//! The networks of the experiments at their full size, and two that are wider
//! than any of them.

pub use experiments::omniglot::Omniglot105x48 as Omniglot;
pub use experiments::{ClustersNet as Clusters, MnistNet as Mnist};
use paramalloc_core::prelude::*;

/// Tables and molecules: 1,024 features through two routed dense layers.
#[multitask(input = 1024, tasks = 12)]
pub struct Dense {
    #[routed(8)]
    dense1: (Linear<1024, 256>, ReLU),
    dropout1: Dropout,
    #[routed(8)]
    dense2: (Linear<256, 128>, ReLU),
    dropout2: Dropout,
    #[head(classes = 2)]
    head: Linear<128, 2>,
}

/// A convolution, normalization in four groups of channels, then ReLU.
type Block<const I: usize, const O: usize> = (Conv2D<I, O, 3, 1, Same>, GroupNorm<O, 4>, ReLU);

/// Color images at ordinary widths, 64 to 256 filters.
#[multitask(input = (3, 32, 32), tasks = 10)]
pub struct Wide {
    stem: Block<3, 64>,
    #[routed(4)]
    block1: Block<64, 64>,
    pool1: MaxPool2D<2, 2>,
    #[routed(4)]
    block2: Block<64, 128>,
    pool2: MaxPool2D<2, 2>,
    #[routed(4)]
    block3: Block<128, 256>,
    pool3: MaxPool2D<2, 2>,
    flatten: Flatten2D,
    dropout: Dropout,
    #[head(classes = 10)]
    head: Linear<4096, 10>,
}
