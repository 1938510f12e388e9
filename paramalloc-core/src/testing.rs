//! A small network for the tests of this crate.

use dfdx::prelude::{Const, Tape, Tensor};

use crate::engine::tape::TypedNetwork;
use crate::engine::tape::device::Device;
use crate::engine::tape::pass::Pass;
use crate::layers::{Conv2D, Flatten2D, GroupNorm, Layer, ReLU};
use crate::loss::Loss;
use crate::network::plan::Plan;
use crate::network::shape::Dims;
use crate::network::{Field, Head, Multitask, Network, Outputs};

/// Three routed layers of 3, 2 and 2 components, and one of a single
/// component, which is not routed.
pub struct Small;

type Image<const C: usize, const N: usize> = (usize, Const<C>, Const<N>, Const<N>);

const FIELDS: &[Field] = &[
    Field::routed("conv", 3, <(Conv2D<1, 4, 3>, ReLU) as Layer>::SPEC),
    Field::shared("norm", GroupNorm::<4, 2>::SPEC),
    Field::routed("mix", 2, Conv2D::<4, 4, 1>::SPEC),
    Field::routed("last", 2, Conv2D::<4, 2, 1>::SPEC),
    Field::routed("alone", 1, Conv2D::<2, 2, 1>::SPEC),
    Field::shared("flatten", Flatten2D::SPEC),
];

impl Multitask for Small {
    const NETWORK: Network = Network::new(
        "Small",
        Dims::image(1, 6, 6),
        None,
        FIELDS,
        Head::new("head", 32, Outputs::FromData, Loss::SoftmaxCrossEntropy),
    );
}

impl TypedNetwork for Small {
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
    Plan::new(&Small::NETWORK, heads).unwrap()
}
