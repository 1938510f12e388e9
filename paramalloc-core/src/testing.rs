//! A small network for the tests of this crate.

use dfdx::prelude::{Const, Tape, Tensor};

use crate::engine::tape::device::Device;
use crate::engine::tape::pass::Pass;
use crate::layers::{Conv2D, Flatten2D, GroupNorm, Layer, ReLU, Spec};
use crate::network::plan::Plan;
use crate::network::shape::Dims;
use crate::network::{Field, Head, Loss, Multitask, Outputs, Sharing};

/// Three routed layers of 3, 2 and 2 components, and one of a single
/// component, which is not routed.
pub struct Small;

const fn field(name: &'static str, spec: Spec, sharing: Sharing) -> Field {
    Field {
        name,
        spec,
        sharing,
    }
}

const fn routed(copies: usize) -> Sharing {
    Sharing::Routed {
        copies,
        router: None,
    }
}

type Image<const C: usize, const N: usize> = (usize, Const<C>, Const<N>, Const<N>);

impl Multitask for Small {
    const NAME: &'static str = "Small";
    const INPUT: Dims = Dims::image(1, 6, 6);
    const TASKS: Option<usize> = None;
    const FIELDS: &'static [Field] = &[
        field("conv", <(Conv2D<1, 4, 3>, ReLU) as Layer>::SPEC, routed(3)),
        field("norm", GroupNorm::<4, 2>::SPEC, Sharing::Shared),
        field("mix", Conv2D::<4, 4, 1>::SPEC, routed(2)),
        field("last", Conv2D::<4, 2, 1>::SPEC, routed(2)),
        field("alone", Conv2D::<2, 2, 1>::SPEC, routed(1)),
        field("flatten", Flatten2D::SPEC, Sharing::Shared),
    ];
    const HEAD: Head = Head {
        name: "head",
        input: 32,
        outputs: Outputs::FromData,
        loss: Loss::SoftmaxCrossEntropy,
    };

    type Input = Image<1, 6>;
    type Features = (usize, Const<32>);

    fn forward<D: Device, T: Tape<f32, D> + 'static>(
        x: Tensor<Self::Input, f32, D, T>,
        pass: &mut Pass<'_, D>,
    ) -> Tensor<Self::Features, f32, D, T> {
        let x = pass.field::<_, Image<4, 4>, T>(x);
        let x = pass.field::<_, Image<4, 4>, T>(x);
        let x = pass.field::<_, Image<4, 4>, T>(x);
        let x = pass.field::<_, Image<2, 4>, T>(x);
        let x = pass.field::<_, Image<2, 4>, T>(x);
        pass.field(x)
    }
}

/// The plan of the small network for tasks with heads of these widths.
pub fn plan(heads: &[usize]) -> Plan {
    Plan::new::<Small>(heads).unwrap()
}
