//! What the operations of a plan cost, and how they read.

use std::fmt;

use super::parts::{Operation, Stack};
use crate::layers::operation::Kind;

impl Operation {
    /// Multiply-adds per example at evaluation: those of convolutions and
    /// dense layers; those of layers of the user's own are not known and not
    /// counted.
    pub fn multiply_adds(&self) -> u64 {
        self.kind.multiply_adds(self.input, self.output)
    }
}

impl Stack {
    /// [`Operation::multiply_adds`] of all its operations.
    pub fn multiply_adds(&self) -> u64 {
        self.operations.iter().map(Operation::multiply_adds).sum()
    }
}

/// `conv 3x3, stride 2, ReLU`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Conv(_) if !self.input.is_image => f.write_str("linear")?,
            kind => kind.fmt(f)?,
        }
        match self.relu {
            true => f.write_str(", ReLU"),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Plan;
    use crate::network::{Field, Head, Network, Outputs};
    use crate::prelude::*;

    const FIELDS: &[Field] = &[
        Field::shared(
            "stem",
            <(
                Conv2D<3, 4, 3, 2, Same>,
                ReLU,
                MaxPool2D<2, 2, Same>,
                Flatten2D,
            ) as Layer>::SPEC,
        ),
        Field::routed("dense", 2, <Linear<16, 8> as Layer>::SPEC),
    ];
    const HEAD: Head = Head::new("head", 8, Outputs::FromData, Loss::SoftmaxCrossEntropy);
    const NETWORK: Network = Network::new("Small", Dims::image(3, 8, 8), None, FIELDS, HEAD);

    #[test]
    fn operations_read_well_and_have_a_cost() {
        let plan = Plan::new(&NETWORK, &[10]).unwrap();
        let stacks = plan.fields.iter().flat_map(|field| &field.components);
        let stacks = stacks.chain([&plan.heads[0].stack]);
        let operations = stacks.flat_map(|stack| &stack.operations);
        let costs: Vec<_> = operations
            .map(|operation| (operation.to_string(), operation.multiply_adds()))
            .collect();
        let expected = [
            ("conv 3x3, stride 2, ReLU", 4 * 4 * 4 * 3 * 9),
            ("max pool 2x2, stride 2", 0),
            ("linear", 16 * 8),
            ("linear", 16 * 8),
            ("linear", 80),
        ];
        let expected = expected.map(|(text, cost)| (text.to_owned(), cost));
        assert_eq!(costs, expected);
        assert_eq!(plan.fields[0].components[0].multiply_adds(), 1728);
    }
}
