//! What `#[multitask]` says about a struct: fields, head, and the typed
//! chain of shapes between them.

pub mod init;
pub mod plan;
pub mod shape;

use dfdx::prelude::{Shape, Tape, Tensor};

use crate::engine::tape::device::Device;
use crate::engine::tape::pass::Pass;
use crate::layers::Spec;
use crate::network::shape::Dims;
use crate::routing::Router;

/// A multi-task network described by a struct. `#[multitask]` implements it;
/// it may also be written by hand.
pub trait Multitask: 'static {
    /// Name of the struct.
    const NAME: &'static str;
    /// Shape of one example.
    const INPUT: Dims;
    /// Number of tasks; taken from the data set when absent.
    const TASKS: Option<usize>;
    /// The fields below the heads, in data-flow order.
    const FIELDS: &'static [Field];
    /// The heads, one linear layer per task.
    const HEAD: Head;

    /// Batch of examples as a dfdx shape.
    type Input: Shape;
    /// Batch of what reaches the heads as a dfdx shape.
    type Features: Shape;

    /// All fields, one after the other: `pass` does each with
    /// [`Pass::field`].
    fn forward<D: Device, T: Tape<f32, D> + 'static>(
        x: Tensor<Self::Input, f32, D, T>,
        pass: &mut Pass<'_, D>,
    ) -> Tensor<Self::Features, f32, D, T>;
}

/// One field of a network.
#[derive(Clone, Copy)]
pub struct Field {
    /// Name of the field.
    pub name: &'static str,
    /// Its layer or stack; for a routed field of one component, or
    /// [`Spec::AnyOf`] several.
    pub spec: Spec,
    /// Who uses it.
    pub sharing: Sharing,
}

/// Who uses a field.
#[derive(Clone, Copy)]
pub enum Sharing {
    /// All tasks.
    Shared,
    /// Allocated per task.
    Routed {
        /// Copies of each component that the field's type names.
        copies: usize,
        /// A router of the user's own in place of the one that the method
        /// chosen at run time names.
        router: Option<&'static dyn Router>,
    },
}

/// The heads of a network.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// Name of the field.
    pub name: &'static str,
    /// Features in.
    pub input: usize,
    /// Width of each task's head.
    pub outputs: Outputs,
    /// The task loss.
    pub loss: Loss,
}

/// Width of the heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// The same for all tasks.
    Equal(usize),
    /// One width per task.
    PerTask(&'static [usize]),
    /// Taken from the data set.
    FromData,
}

/// The task loss, a mean over the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Softmax cross-entropy on integer labels
    /// ([`Targets::Classes`](crate::data::Targets::Classes)), in nats.
    SoftmaxCrossEntropy,
    /// Mean over batch and outputs of the squared difference to values
    /// ([`Targets::Values`](crate::data::Targets::Values)).
    MeanSquaredError,
}
