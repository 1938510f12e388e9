//! A network like [`crate::networks::Mnist`] of any number of components,
//! tasks and filters.
//!
//! `#[multitask]` takes no generic struct, so the trait is written by hand.

use paramalloc_core::engine::tape::device::Device;
use paramalloc_core::engine::tape::pass::Pass;
use paramalloc_core::error::Error;
use paramalloc_core::layers::spec::{Conv, Pool, PoolKind};
use paramalloc_core::network::shape::Padding;
use paramalloc_core::network::{Field, Head, Outputs, Sharing};
use paramalloc_core::prelude::dfdx::prelude::Tensor;
use paramalloc_core::prelude::*;
use paramalloc_core::train::{TrainSettings, Trainer};

/// Three routed layers of `COMPONENTS` convolutions with `WIDTH` filters.
pub struct Grown<const COMPONENTS: usize, const WIDTH: usize>;

type Image = (usize, usize, usize, usize);
type Features = (usize, usize);

impl<const COMPONENTS: usize, const WIDTH: usize> Grown<COMPONENTS, WIDTH> {
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

    const fn routed(name: &'static str, spec: Spec) -> Field {
        Field {
            name,
            spec,
            sharing: Sharing::Routed {
                copies: COMPONENTS,
                router: None,
            },
        }
    }

    /// An untrained network of `tasks` tasks with 10 classes each.
    ///
    /// # Errors
    /// As [`Trainer::new`].
    pub fn trainer(
        settings: &TrainSettings,
        tasks: usize,
        threads: usize,
    ) -> Result<Trainer, Error> {
        Trainer::new::<Self>(settings, &vec![10; tasks], threads)
    }
}

const fn shared(name: &'static str, spec: Spec) -> Field {
    Field {
        name,
        spec,
        sharing: Sharing::Shared,
    }
}

const POOL: Spec = Spec::Pool2D(Pool {
    kind: PoolKind::Average,
    kernel: 2,
    stride: 2,
    padding: Padding::Valid,
});

impl<const COMPONENTS: usize, const WIDTH: usize> Multitask for Grown<COMPONENTS, WIDTH> {
    const NAME: &'static str = "Grown";
    const INPUT: Dims = Dims::image(1, 28, 28);
    const TASKS: Option<usize> = None;
    const FIELDS: &'static [Field] = &[
        Self::routed("conv1", Spec::Sequence(&[Self::conv(1, 5), Spec::ReLU])),
        shared("pool1", POOL),
        Self::routed("conv2", Spec::Sequence(&[Self::conv(WIDTH, 3), Spec::ReLU])),
        shared("pool2", POOL),
        Self::routed("conv3", Spec::Sequence(&[Self::conv(WIDTH, 3), Spec::ReLU])),
        shared("flatten", Spec::Flatten2D),
        shared("dropout", Spec::Dropout { one_in: 2 }),
    ];
    const HEAD: Head = Head {
        name: "head",
        input: 9 * WIDTH,
        outputs: Outputs::FromData,
        loss: Loss::SoftmaxCrossEntropy,
    };

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
