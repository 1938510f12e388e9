//! The networks of the numeric oracle.

pub use experiments::MnistNet as Mnist;
use paramalloc_core::prelude::*;

type Norm = (GroupNorm<8, 4>, ReLU);
type Conv<const K: usize, const S: usize> = Conv2D<8, 8, K, S, Same>;
type Normed<const K: usize, const S: usize> = (Conv<K, S>, Norm);
type ClusterBlock = AnyOf<(Normed<3, 2>, Normed<3, 2>, Normed<5, 2>, Normed<5, 2>)>;

/// The clusters network at a quarter of its size.
#[multitask(input = (3, 16, 16), tasks = 5)]
pub struct ClustersSmall {
    stem: (Conv2D<3, 8, 1>, Norm),
    #[routed]
    block1: ClusterBlock,
    norm1: Norm,
    #[routed]
    block2: ClusterBlock,
    norm2: Norm,
    #[routed]
    block3: ClusterBlock,
    norm3: Norm,
    flatten: Flatten2D,
    dropout: Dropout,
    #[head(classes_per_task = [5, 5, 9, 9, 9])]
    head: PerTaskLinear<32>,
}

type Block<const S: usize, Last> = AnyOf<(
    (Normed<3, 1>, Normed<3, S>),
    (Normed<5, 1>, Normed<5, S>),
    (Normed<7, 1>, Normed<7, S>),
    (
        (RectConv2D<8, 8, 1, 7, 1, Same>, Norm),
        (RectConv2D<8, 8, 7, 1, S, Same>, Norm),
    ),
    MaxPool2D<3, S, Same>,
    AvgPool2D<3, S, Same>,
    Last,
)>;
/// In a strided block the identity becomes a plain strided 1x1 convolution.
type Strided = Block<2, Conv<1, 2>>;

/// The Omniglot network with four blocks of eight filters.
#[multitask(input = (1, 21, 21), tasks = 3)]
pub struct OmniglotSmall {
    stem: (Conv2D<1, 8, 1>, Norm),
    #[routed]
    block1: Strided,
    norm1: Norm,
    #[routed]
    block2: Strided,
    norm2: Norm,
    #[routed]
    block3: Strided,
    norm3: Norm,
    #[routed]
    block4: Block<1, Identity>,
    norm4: Norm,
    flatten: Flatten2D,
    dropout: Dropout,
    #[head(classes_per_task = [14, 20, 7])]
    head: PerTaskLinear<72>,
}

/// Regression over two routed dense layers.
#[multitask(input = 12, tasks = 4)]
pub struct Synthetic {
    #[routed(4)]
    dense1: (Linear<12, 8>, ReLU),
    #[routed(4)]
    dense2: (Linear<8, 8>, ReLU),
    #[head(outputs = 1, loss = Loss::MeanSquaredError)]
    head: Linear<8, 1>,
}
