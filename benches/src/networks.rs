//! The networks of the experiments, at their full size.

use paramalloc_core::prelude::*;

/// Four digit tasks over three routed layers of four components each.
#[multitask(input = (1, 28, 28), tasks = 4)]
pub struct Mnist {
    #[routed(4)]
    conv1: (Conv2D<1, 4, 5>, ReLU),
    pool1: AvgPool2D<2>,
    #[routed(4)]
    conv2: (Conv2D<4, 4, 3>, ReLU),
    pool2: AvgPool2D<2>,
    #[routed(4)]
    conv3: (Conv2D<4, 4, 3>, ReLU),
    flatten: Flatten2D,
    dropout: Dropout,
    #[head(classes = 10)]
    head: Linear<36, 10>,
}

/// Normalisation and ReLU after a convolution of `C` filters.
type Norm<const C: usize> = (GroupNorm<C, 4>, ReLU);
/// A convolution of `C` filters that keeps the number of channels.
type Conv<const C: usize, const K: usize, const S: usize> = (Conv2D<C, C, K, S, Same>, Norm<C>);

/// With 8 copies of each alternative: 16 components.
type ClusterBlock = AnyOf<(Conv<8, 3, 2>, Conv<8, 5, 2>)>;

/// Forty tasks of three kinds over three routed layers of 16 components.
#[multitask(input = (3, 32, 32), tasks = 40)]
pub struct Clusters {
    stem: (Conv2D<3, 8, 1>, Norm<8>),
    #[routed(8)]
    block1: ClusterBlock,
    norm1: Norm<8>,
    #[routed(8)]
    block2: ClusterBlock,
    norm2: Norm<8>,
    #[routed(8)]
    block3: ClusterBlock,
    norm3: Norm<8>,
    flatten: Flatten2D,
    dropout: Dropout,
    #[head(classes_from_data)]
    head: PerTaskLinear<128>,
}

/// Seven alternatives; the last operation of each has stride `S`.
type Block<const S: usize, Last> = AnyOf<(
    (Conv<48, 3, 1>, Conv<48, 3, S>),
    (Conv<48, 5, 1>, Conv<48, 5, S>),
    (Conv<48, 7, 1>, Conv<48, 7, S>),
    (
        (RectConv2D<48, 48, 1, 7, 1, Same>, Norm<48>),
        (RectConv2D<48, 48, 7, 1, S, Same>, Norm<48>),
    ),
    MaxPool2D<3, S, Same>,
    AvgPool2D<3, S, Same>,
    Last,
)>;
/// Halves rows and columns; the identity becomes a plain strided convolution.
type Halving = Block<2, Conv2D<48, 48, 1, 2, Same>>;
type Keeping = Block<1, Identity>;

/// Twenty alphabets over eight routed layers of seven components.
#[multitask(input = (1, 105, 105), tasks = 20)]
pub struct Omniglot {
    stem: (Conv2D<1, 48, 1>, Norm<48>),
    #[routed]
    block1: Halving,
    norm1: Norm<48>,
    #[routed]
    block2: Halving,
    norm2: Norm<48>,
    #[routed]
    block3: Keeping,
    norm3: Norm<48>,
    #[routed]
    block4: Halving,
    norm4: Norm<48>,
    #[routed]
    block5: Halving,
    norm5: Norm<48>,
    #[routed]
    block6: Keeping,
    norm6: Norm<48>,
    #[routed]
    block7: Halving,
    norm7: Norm<48>,
    #[routed]
    block8: Keeping,
    norm8: Norm<48>,
    flatten: Flatten2D,
    dropout: Dropout,
    #[head(classes_from_data)]
    head: PerTaskLinear<768>,
}
