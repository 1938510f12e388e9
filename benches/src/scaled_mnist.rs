//! A network like [`crate::networks::Mnist`] of any number of components,
//! tasks and filters.
//!
//! `#[multitask]` takes no generic struct, so the trait is written by hand.

use std::borrow::Cow;

use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::engine::tape::device::Device;
use paramalloc_core::engine::tape::pass::Pass;
use paramalloc_core::error::Error;
use paramalloc_core::layers::{Conv, DropoutSpec, Pool, PoolKind};
use paramalloc_core::network::shape::Padding;
use paramalloc_core::network::{Field, Head, Outputs};
use paramalloc_core::prelude::dfdx::prelude::{Tape, Tensor};
use paramalloc_core::prelude::*;
use paramalloc_core::train::{TrainSettings, Trainer};

/// Three routed layers of `COMPONENTS` convolutions with `WIDTH` filters.
pub struct ScaledMnist<const COMPONENTS: usize, const WIDTH: usize>;

type Image = (usize, usize, usize, usize);
type Features = (usize, usize);

impl<const COMPONENTS: usize, const WIDTH: usize> ScaledMnist<COMPONENTS, WIDTH> {
    const CONV1: &[Spec] = &[Self::conv(1, 5), Spec::ReLU];
    const CONV2: &[Spec] = &[Self::conv(WIDTH, 3), Spec::ReLU];

    const fn conv(input: usize, kernel: usize) -> Spec {
        Spec::Conv2D(Conv {
            input,
            output: WIDTH,
            kernel_height: kernel,
            kernel_width: kernel,
            stride: 1,
            padding: Padding::Valid,
        })
    }

    const FIELDS: &[Field] = &[
        Field::routed(
            "conv1",
            COMPONENTS,
            Spec::Sequence(Cow::Borrowed(Self::CONV1)),
        ),
        Field::shared("pool1", POOL),
        Field::routed(
            "conv2",
            COMPONENTS,
            Spec::Sequence(Cow::Borrowed(Self::CONV2)),
        ),
        Field::shared("pool2", POOL),
        Field::routed(
            "conv3",
            COMPONENTS,
            Spec::Sequence(Cow::Borrowed(Self::CONV2)),
        ),
        Field::shared("flatten", Spec::Flatten2D),
        Field::shared("dropout", Spec::Dropout(DropoutSpec::OneIn(2))),
    ];

    /// An untrained network of `tasks` tasks with 10 classes each.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn trainer(
        settings: &TrainSettings,
        tasks: usize,
        threads: usize,
    ) -> Result<Trainer, Error> {
        Trainer::new(&Self::NETWORK, settings, &vec![10; tasks], threads)
    }
}

const POOL: Spec = Spec::Pool2D(Pool {
    kind: PoolKind::Average,
    kernel: 2,
    stride: 2,
    padding: Padding::Valid,
});

impl<const COMPONENTS: usize, const WIDTH: usize> Multitask for ScaledMnist<COMPONENTS, WIDTH> {
    const NETWORK: Network = Network::new(
        "ScaledMnist",
        Dims::image(1, 28, 28),
        None,
        Self::FIELDS,
        Head::new(
            "head",
            9 * WIDTH,
            Outputs::FromData,
            Loss::SoftmaxCrossEntropy,
        ),
    );
}

impl<const COMPONENTS: usize, const WIDTH: usize> TypedNetwork for ScaledMnist<COMPONENTS, WIDTH> {
    type Input = Image;
    type Features = Features;

    fn forward<D: Device, T: Tape<f32, D> + 'static>(
        x: Tensor<Image, f32, D, T>,
        pass: &mut Pass<'_, D>,
    ) -> Tensor<Features, f32, D, T> {
        let x = (0..5).fold(x, |x, _| pass.field(x));
        let x: Tensor<Features, f32, D, T> = pass.field(x);
        pass.field(x)
    }
}
