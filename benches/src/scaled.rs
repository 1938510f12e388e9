//! Networks of any size, to see how cost grows.

use std::borrow::Cow;

use paramalloc_core::error::Error;
use paramalloc_core::layers::{Conv, DropoutSpec, LinearSpec, Pool, PoolKind};
use paramalloc_core::network::shape::Padding;
use paramalloc_core::network::{Network, Outputs};
use paramalloc_core::prelude::{Dims, Loss, Spec};

/// A network like that of MNIST: three routed layers of `components` convolutions
/// with `filters` filters over 1x28x28.
///
/// # Errors
/// If a number is 0.
pub fn images(components: usize, filters: usize) -> Result<Network, Error> {
    let conv = |input, kernel| {
        let conv = Spec::Conv2D(Conv {
            input,
            output: filters,
            kernel_height: kernel,
            kernel_width: kernel,
            stride: 1,
            padding: Padding::Valid,
        });
        Spec::Sequence(Cow::Owned(vec![conv, Spec::ReLU]))
    };
    let pool = || {
        Spec::Pool2D(Pool {
            kind: PoolKind::Average,
            kernel: 2,
            stride: 2,
            padding: Padding::Valid,
        })
    };
    Network::builder("Images", Dims::image(1, 28, 28))
        .routed("conv1", components, conv(1, 5))
        .shared("pool1", pool())
        .routed("conv2", components, conv(filters, 3))
        .shared("pool2", pool())
        .routed("conv3", components, conv(filters, 3))
        .shared("flatten", Spec::Flatten2D)
        .shared("dropout", Spec::Dropout(DropoutSpec::OneIn(2)))
        .head("head", Outputs::FromData, Loss::SoftmaxCrossEntropy)
        .build()
}

/// Two routed layers of four dense components, all of `width` features.
///
/// # Errors
/// If the width is 0.
pub fn dense(width: usize) -> Result<Network, Error> {
    let dense = || {
        let linear = Spec::Linear(LinearSpec {
            input: width,
            output: width,
        });
        Spec::Sequence(Cow::Owned(vec![linear, Spec::ReLU]))
    };
    Network::builder("Dense", Dims::features(width))
        .routed("dense1", 4, dense())
        .routed("dense2", 4, dense())
        .head("head", Outputs::FromData, Loss::SoftmaxCrossEntropy)
        .build()
}
