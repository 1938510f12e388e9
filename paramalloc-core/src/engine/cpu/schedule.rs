//! Which schedule an operation has: a function of its shapes alone, so that
//! neither batch nor threads nor who uses what changes a bit.

use std::fmt;

use crate::network::plan::{Kind, Operation, Plan};

/// How an operation passes over a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Group by group: eight images go through the operations around it while
    /// their activations are in the cache. Its weights are read once per
    /// group.
    Groups,
    /// A product of matrices over the whole batch. Its weights are read once
    /// per batch, and threads share its outputs.
    Products,
}

/// Weights from which on reading them once per group is worth avoiding: those
/// of a smaller layer stay in the second-level cache from group to group.
const WEIGHTS: usize = 1 << 15;

/// Inputs and outputs that fill register tiles. With fewer, the activations
/// are as many as the weights of a group.
const SIDE: usize = 16;

/// The schedule of an operation.
pub fn schedule(operation: &Operation) -> Schedule {
    match Reason::new(operation) {
        Reason::Large { .. } => Schedule::Products,
        _ => Schedule::Groups,
    }
}

/// The order that gradients of a network are summed in, as a number that
/// checkpoints keep: 1 where all are summed over groups, 2 where some are sums
/// over the images of a product. A run cannot be continued bit for bit in
/// another order.
pub fn numerics(plan: &Plan) -> u32 {
    let fields = plan.fields.iter().flat_map(|field| &field.components);
    let stacks = fields.chain(plan.heads.iter().map(|head| &head.stack));
    let mut operations = stacks.flat_map(|stack| &stack.operations);
    match operations.any(|o| schedule(o) == Schedule::Products) {
        true => 2,
        false => 1,
    }
}

/// Why an operation has its schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It has no weights, or uses each at many positions.
    NotDense,
    /// It is inside a residual, which goes group by group as a whole.
    InResidual,
    /// A dense layer of few weights, or few on one side.
    Small {
        /// Weights of the layer.
        weights: usize,
    },
    /// A dense layer of many weights.
    Large {
        /// Weights of the layer.
        weights: usize,
    },
}

impl Reason {
    /// The reason for an operation's schedule.
    pub fn new(operation: &Operation) -> Self {
        let (inputs, outputs) = (operation.input.len(), operation.output.len());
        let one_position = outputs == operation.output.channels;
        let whole_input = match &operation.kind {
            Kind::Conv(conv, ..) => conv.input == inputs && conv.output == outputs,
            _ => false,
        };
        if !(one_position && whole_input) {
            return Self::NotDense;
        }
        if operation.in_residual {
            return Self::InResidual;
        }
        let weights = inputs * outputs;
        match weights >= WEIGHTS && inputs >= SIDE && outputs >= SIDE {
            true => Self::Large { weights },
            false => Self::Small { weights },
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotDense => write!(f, "by groups: activations outweigh weights"),
            Self::InResidual => write!(f, "by groups: inside a residual"),
            Self::Small { weights } => write!(f, "by groups: {weights} weights stay in the cache"),
            Self::Large { weights } => {
                write!(f, "one product: {weights} weights are read once per batch")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Field, Head, Network, Outputs};
    use crate::prelude::*;

    const FIELDS: &[Field] = &[
        Field::shared("stem", <(Conv2D<1, 64, 3>, Flatten2D) as Layer>::SPEC),
        Field::shared("dense", <Linear<2304, 256> as Layer>::SPEC),
        Field::shared("small", <Linear<256, 64> as Layer>::SPEC),
    ];
    const HEAD: Head = Head::new("head", 64, Outputs::FromData, Loss::SoftmaxCrossEntropy);
    const NETWORK: Network = Network::new("Some", Dims::image(1, 8, 8), None, FIELDS, HEAD);

    #[test]
    fn only_large_dense_layers_are_products() {
        let plan = Plan::new(&NETWORK, &[10]).unwrap();
        let schedules: Vec<String> = (plan.fields.iter())
            .flat_map(|field| &field.components[0].operations)
            .map(|operation| Reason::new(operation).to_string())
            .collect();
        let expected = [
            "by groups: activations outweigh weights",
            "one product: 589824 weights are read once per batch",
            "by groups: 16384 weights stay in the cache",
        ];
        assert_eq!(schedules, expected);
        assert_eq!(numerics(&plan), 2);
        assert_eq!(numerics(&crate::testing::plan(&[10])), 1);
    }
}
