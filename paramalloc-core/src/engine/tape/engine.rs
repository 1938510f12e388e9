//! The engine of any dfdx device: the typed forward pass of the network on a
//! tape, and an optimiser composed of dfdx operations.

use std::marker::PhantomData;
use std::sync::Arc;

use dfdx::prelude::{Backward, OwnedTape, Rank0, Shape, SumTo, Tape, Tensor, Trace};

use crate::data::{Examples, Targets};
use crate::engine::tape::composed;
use crate::engine::tape::device::Device;
use crate::engine::tape::pass::{Mask, Pass, Weights};
use crate::engine::tape::typed::TypedNetwork;
use crate::engine::{Allocation, Batch, Engine, Evaluation};
use crate::error::Error;
use crate::loss::{example_loss, is_correct};
use crate::network::plan::Plan;
use crate::optim::Update;

/// Examples of one forward pass in an evaluation.
const EVALUATION_BATCH: usize = 256;

type Flat<D> = Tensor<(usize,), f32, D>;

/// Trains network `N` on device `D` with dfdx tensors. On the CPU it is there
/// to be compared with [`crate::engine::cpu::CpuEngine`].
pub struct TapeEngine<N, D: Device> {
    device: D,
    plan: Arc<Plan>,
    composed: bool,
    parameters: Flat<D>,
    moments: [Flat<D>; 2],
    /// 1 where the L2 penalty counts a parameter.
    decayed: Flat<D>,
    gradient: Flat<D>,
    weight_gradient: Vec<f32>,
    logits: Vec<f32>,
    network: PhantomData<fn() -> N>,
}

impl<N: TypedNetwork, D: Device> TapeEngine<N, D> {
    /// An engine at these parameters, with moments of zero. `composed` forgoes
    /// the device's own kernels.
    ///
    /// # Errors
    /// If a layer of the user's own is not bound.
    pub fn new(
        device: D,
        plan: Arc<Plan>,
        parameters: Vec<f32>,
        composed: bool,
    ) -> Result<Self, Error> {
        plan.check_bound()?;
        let mut decayed = vec![0.0; parameters.len()];
        for parameter in plan.parameters.iter().filter(|p| p.decayed) {
            decayed[parameter.range.clone()].fill(1.0);
        }
        let flat = |values: Vec<f32>| device.tensor_from_vec(values.clone(), (values.len(),));
        let zeros = || flat(vec![0.0; parameters.len()]);
        Ok(Self {
            composed,
            moments: [zeros(), zeros()],
            gradient: zeros(),
            decayed: flat(decayed),
            parameters: flat(parameters),
            weight_gradient: Vec::new(),
            logits: Vec::new(),
            network: PhantomData,
            plan,
            device,
        })
    }

    fn flat(&self, values: &[f32]) -> Flat<D> {
        self.device
            .tensor_from_vec(values.to_vec(), (values.len(),))
    }

    fn input(&self, inputs: &[f32], len: usize) -> Tensor<N::Input, f32, D> {
        let dims = self.plan.input;
        let sizes = match N::Input::NUM_DIMS {
            4 => vec![len, dims.channels, dims.height, dims.width],
            _ => vec![len, dims.len()],
        };
        let mut concrete = <N::Input as Shape>::Concrete::default();
        sizes
            .into_iter()
            .enumerate()
            .for_each(|(i, size)| concrete[i] = size);
        let shape = N::Input::from_concrete(&concrete).expect("the network's input shape");
        self.device.tensor_from_vec(inputs.to_vec(), shape)
    }

    fn weights(&self, allocation: Allocation<'_>) -> Vec<Weights<D>> {
        self.plan
            .routed()
            .map(|field| {
                let first = field.first_component;
                let values = &allocation.weights[first..first + field.components.len()];
                Weights {
                    values: values.to_vec(),
                    tensor: self.flat(values),
                    learns_from_inactive: allocation.learns[first],
                }
            })
            .collect()
    }

    /// Logits of a batch of inputs.
    fn forward<T: Tape<f32, D> + 'static>(
        &self,
        x: Tensor<N::Input, f32, D, T>,
        task: usize,
        weights: &[Weights<D>],
        masks: Option<&[Mask<D>]>,
    ) -> Tensor<(usize, usize), f32, D, T> {
        let mut pass = Pass {
            plan: &self.plan,
            parameters: &self.parameters,
            weights,
            masks,
            composed: self.composed,
            next: 0,
        };
        let features = N::forward(x, &mut pass);
        let head = &self.plan.heads[task].stack.operations[0];
        composed::head(features, head, &self.parameters)
    }

    fn targets(&self, targets: Targets<'_>, len: usize) -> composed::Targets<D> {
        match targets {
            Targets::Classes(classes) => {
                let classes: Vec<usize> = classes.iter().map(|&c| usize::from(c)).collect();
                composed::Targets::Classes(self.device.tensor_from_vec(classes, (len,)))
            }
            Targets::Values(values) => {
                let shape = (len, values.len() / len);
                composed::Targets::Values(self.device.tensor_from_vec(values.to_vec(), shape))
            }
        }
    }

    /// The gradient with its L2 part.
    fn whole_gradient(&self, l2: f32) -> Flat<D> {
        self.gradient.clone() + self.parameters.clone() * self.decayed.clone() * l2
    }
}

fn sum<D: Device>(x: Flat<D>) -> f64 {
    f64::from(x.sum::<Rank0, _>().as_vec()[0])
}

impl<N: TypedNetwork, D: Device + Send> Engine for TapeEngine<N, D>
where
    Flat<D>: Send,
{
    fn gradients(&mut self, allocation: Allocation<'_>, batch: Batch<'_>) -> Result<f64, Error> {
        let weights = self.weights(allocation);
        let masks: Vec<Mask<D>> = (batch.masks.iter())
            .map(|mask| {
                let shape = (batch.len, mask.len() / batch.len);
                self.device.tensor_from_vec(mask.clone(), shape)
            })
            .collect();
        let x = self.input(batch.inputs, batch.len).leaky_traced();
        let logits: Tensor<_, f32, D, OwnedTape<f32, D>> =
            self.forward(x, allocation.task, &weights, Some(&masks));
        self.logits = logits.as_vec();
        let loss = composed::loss(logits, &self.targets(batch.targets, batch.len));
        let value = f64::from(loss.as_vec()[0]);
        let mut gradients = loss.backward();
        let failed = |e: D::Err| Error::Device {
            message: format!("{e:?}"),
        };
        self.weight_gradient.clear();
        for weights in &weights {
            gradients.try_alloc_for(&weights.tensor).map_err(failed)?;
            self.weight_gradient
                .extend(gradients.get(&weights.tensor).as_vec());
        }
        gradients.try_alloc_for(&self.parameters).map_err(failed)?;
        self.gradient = gradients.get(&self.parameters);
        Ok(value)
    }

    fn weight_gradient(&self) -> &[f32] {
        &self.weight_gradient
    }

    fn last_logits(&self) -> &[f32] {
        &self.logits
    }

    fn parameter_gradient(&self) -> Vec<f32> {
        self.gradient.as_vec()
    }

    fn gradient_norm_squared(&mut self, l2: f32) -> f64 {
        sum(self.whole_gradient(l2).square())
    }

    fn decayed_sum_of_squares(&mut self) -> f64 {
        sum((self.parameters.clone() * self.decayed.clone()).square())
    }

    fn update(&mut self, update: Update, l2: f32) {
        let gradient = self.whole_gradient(l2) * update.scale;
        let [m, v] = self.moments.clone();
        let m = m * update.beta1 + gradient.clone() * update.new1;
        let v = v * update.beta2 + gradient.square() * update.new2;
        let step = m.clone() * update.learning_rate / (v.clone().sqrt() + update.epsilon);
        self.parameters = self.parameters.clone() - step;
        self.moments = [m, v];
    }

    fn logits(
        &mut self,
        allocation: Allocation<'_>,
        inputs: &[f32],
        len: usize,
    ) -> Result<Vec<f32>, Error> {
        let weights = self.weights(allocation);
        let x = self.input(inputs, len);
        Ok(self.forward(x, allocation.task, &weights, None).as_vec())
    }

    fn evaluate(
        &mut self,
        allocation: Allocation<'_>,
        examples: &dyn Examples,
    ) -> Result<Evaluation, Error> {
        let (len, size) = (examples.len(), self.plan.input.len());
        let outputs = self.plan.heads[allocation.task].outputs;
        let mut total = Evaluation {
            count: len,
            ..Evaluation::default()
        };
        let mut inputs = Vec::new();
        for first in (0..len).step_by(EVALUATION_BATCH) {
            let count = EVALUATION_BATCH.min(len - first);
            inputs.resize(count * size, 0.0);
            for (i, input) in inputs.chunks_exact_mut(size).enumerate() {
                examples.write_input(first + i, None, input);
            }
            let logits = self.logits(allocation, &inputs, count)?;
            for (i, logits) in logits.chunks_exact(outputs).enumerate() {
                let target = (examples.targets(), first + i);
                let logit = |k: usize| logits[k];
                total.loss += example_loss(outputs, logit, target, len, |_, _| ());
                total.accuracy +=
                    f64::from(u8::from(is_correct(outputs, logit, target))) / len as f64;
            }
        }
        Ok(total)
    }

    fn parameters(&self) -> Vec<f32> {
        self.parameters.as_vec()
    }

    fn set_parameters(&mut self, parameters: &[f32]) {
        self.parameters = self.flat(parameters);
    }

    fn state(&self) -> [Vec<f32>; 3] {
        let [m, v] = &self.moments;
        [&self.parameters, m, v].map(|t| t.as_vec())
    }

    fn load(&mut self, [parameters, m, v]: [&[f32]; 3]) {
        self.parameters = self.flat(parameters);
        self.moments = [self.flat(m), self.flat(v)];
    }
}
