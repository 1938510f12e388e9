//! What layers of the user's own must keep to, tried on two examples before
//! training: the shape that their rule says, and in debug builds that no
//! example depends on the other.

use std::collections::HashSet;

use dfdx::prelude::{Cpu, HasShape as _, TensorFromVec as _, Trace as _};

use crate::error::{Error, NetworkError};
use crate::layers::operation::CustomOperation;
use crate::layers::{Activations, FlatParameter};
use crate::network::plan::{Kind, Operation, Plan};
use crate::network::shape::Dims;
use crate::random::{Purpose, Random};

/// Largest difference of an output beside another example and alone, as a part
/// of the largest output: sums may be added in another order.
const TOLERANCE: f32 = 1e-3;

/// Tries each layer of the user's own in `plan` with these parameters.
///
/// # Errors
/// Names the first layer that gives another shape than its rule says or, in a
/// debug build, mixes the examples of a batch.
pub(super) fn check(plan: &Plan, parameters: &[f32]) -> Result<(), Error> {
    let mut tried = HashSet::new();
    let stacks = plan.fields.iter().flat_map(|field| &field.components);
    for operation in stacks.flat_map(|stack| &stack.operations) {
        let Kind::Custom(custom) = &operation.kind else {
            continue;
        };
        let Dims {
            channels,
            height,
            width,
            ..
        } = operation.input;
        let case = (&*custom.name, &custom.parameters, [channels, height, width]);
        if tried.insert(case) {
            let layer = Tried {
                plan,
                custom,
                operation,
                parameters,
            };
            layer.check().map_err(Error::Network)?;
        }
    }
    Ok(())
}

struct Tried<'a> {
    plan: &'a Plan,
    custom: &'a CustomOperation,
    operation: &'a Operation,
    parameters: &'a [f32],
}

impl Tried<'_> {
    fn check(&self) -> Result<(), NetworkError> {
        let inputs = self.inputs();
        let together = self.run(&inputs)?;
        if !cfg!(debug_assertions) {
            return Ok(());
        }
        let (first, second) = inputs.split_at(self.operation.input.len());
        let [first, second] = [self.run(first)?, self.run(second)?];
        for (together, alone) in together.iter().zip(first.iter().zip(&second)) {
            let alone = alone.0.iter().chain(alone.1);
            if !agree(together, alone) {
                return Err(NetworkError::MixesExamples {
                    network: self.plan.name.clone(),
                    layer: self.custom.name.to_string(),
                });
            }
        }
        Ok(())
    }

    /// Two examples.
    fn inputs(&self) -> Vec<f32> {
        let mut stream = Random::new(0).stream(Purpose::Data, 0, 0);
        let len = 2 * self.operation.input.len();
        (0..len).map(|_| stream.normal()).collect()
    }

    /// The outputs for whole examples: at evaluation, and in training.
    fn run(&self, inputs: &[f32]) -> Result<[Vec<f32>; 2], NetworkError> {
        let device = Cpu::default();
        let Dims {
            channels,
            height,
            width,
            ..
        } = self.operation.input;
        let count = inputs.len() / self.operation.input.len();
        let shape = (count, channels, height, width);
        let x: Activations<Cpu> = device.tensor_from_vec(inputs.to_vec(), shape);
        let parameters = self.tensors(&device);
        let traced = parameters.iter().map(|p| p.leaky_trace()).collect();
        let layer = self.custom.bound();
        let training = layer.train_cpu(x.leaky_trace(), traced);
        let evaluation = layer.evaluate_cpu(x, parameters);
        for found in [*training.shape(), *evaluation.shape()] {
            self.check_shape(count, found)?;
        }
        Ok([evaluation.as_vec(), training.as_vec()])
    }

    fn check_shape(
        &self,
        count: usize,
        found: (usize, usize, usize, usize),
    ) -> Result<(), NetworkError> {
        let Dims {
            channels,
            height,
            width,
            ..
        } = self.operation.output;
        let said = (count, channels, height, width);
        if found == said {
            return Ok(());
        }
        Err(NetworkError::LayerShape {
            network: self.plan.name.clone(),
            layer: self.custom.name.to_string(),
            found: found.into(),
            said: said.into(),
        })
    }

    fn tensors(&self, device: &Cpu) -> Vec<FlatParameter<Cpu>> {
        let mut rest = &self.parameters[self.operation.parameters.clone()];
        let lengths = self.custom.parameters.iter();
        lengths
            .map(|&len| {
                let (values, after) = rest.split_at(len);
                rest = after;
                device.tensor_from_vec(values.to_vec(), (len,))
            })
            .collect()
    }
}

fn agree<'a>(together: &'a [f32], alone: impl Iterator<Item = &'a f32> + Clone) -> bool {
    let all = together.iter().chain(alone.clone());
    let largest = all
        .filter(|v| v.is_finite())
        .fold(0.0_f32, |a, v| a.max(v.abs()));
    (together.iter().zip(alone)).all(|(a, b)| {
        let both = a.is_finite() && b.is_finite();
        !both || (a - b).abs() <= TOLERANCE * largest
    })
}
