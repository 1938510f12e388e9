//! The engine of any dfdx device: the typed forward pass of the network on a
//! tape. Adam is composed of dfdx operations; other optimizers run on the host.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use dfdx::prelude::{Backward, OwnedTape, Rank0, Shape, SumTo, Tape, Tensor, Trace};

use crate::data::Examples;
use crate::engine::tape::composed;
use crate::engine::tape::device::Device;
use crate::engine::tape::field_pass::{Mask, Weights};
use crate::engine::tape::pass::Pass;
use crate::engine::tape::typed::TypedNetwork;
use crate::engine::{Allocation, Batch, Engine, JointBatch};
use crate::error::Error;
use crate::network::plan::Plan;
use crate::optim::{Adam, State, Update, UpdateStep};

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
    /// The optimizer's state, a tensor for each slot.
    state: Vec<Flat<D>>,
    /// 1 where the L2 penalty counts a parameter.
    decayed: Flat<D>,
    gradient: Flat<D>,
    /// Factors of the learning rates, and 0 where a parameter is frozen, where
    /// some are not 1.
    rates: Option<(Vec<f64>, Flat<D>)>,
    weight_gradient: Vec<f32>,
    logits: Vec<f32>,
    network: PhantomData<fn() -> N>,
}

impl<N, D: Device> fmt::Debug for TapeEngine<N, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TapeEngine")
            .field("network", &self.plan.name)
            .field("composed", &self.composed)
            .finish_non_exhaustive()
    }
}

impl<N: TypedNetwork, D: Device> TapeEngine<N, D> {
    /// An engine at these parameters, without state slots. `composed` forgoes
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
        Ok(Self {
            composed,
            state: Vec::new(),
            gradient: flat(vec![0.0; parameters.len()]),
            decayed: flat(decayed),
            parameters: flat(parameters),
            rates: None,
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
            task,
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

    /// The loss of a batch with these logits, and its gradient.
    fn loss(&self, task: usize, batch: &Batch<'_>) -> (f64, Vec<f32>) {
        let head = &self.plan.heads[task];
        let width = head.outputs;
        let (loss, total) = (head.head_loss(), batch.total_weight);
        let mut gradient = vec![0.0; self.logits.len()];
        let examples = self.logits.chunks_exact(width);
        let shares = (examples.zip(gradient.chunks_exact_mut(width)).enumerate())
            .map(|(i, (logits, g))| loss.example(logits, (batch.targets, i), total, Some(g)));
        let sum = shares.sum();
        head.by_channels(&mut gradient);
        (sum, gradient)
    }

    /// The gradient with its L2 part and `extra`.
    fn whole_gradient(&self, l2: f32, extra: Option<&[f32]>) -> Flat<D> {
        let gradient = self.gradient.clone() + self.parameters.clone() * self.decayed.clone() * l2;
        let gradient = match extra {
            Some(extra) => gradient + self.flat(extra),
            None => gradient,
        };
        match &self.rates {
            Some((_, learns)) => gradient * learns.clone(),
            None => gradient,
        }
    }
}

/// Updates.
impl<N: TypedNetwork, D: Device> TapeEngine<N, D> {
    /// Adam in dfdx operations.
    fn update_adam(&mut self, adam: &Adam, update: &Update<'_>) {
        let [decaying, fixed] = [true, false].map(|decays| {
            adam.constants(UpdateStep {
                number: update.number,
                learning_rate: update.learning_rate,
                decays,
            })
        });
        let gradient = self.whole_gradient(update.l2, update.extra) * update.scale;
        let [m, v] = [&self.state[0], &self.state[1]].map(Clone::clone);
        let m = m * fixed.beta1 + gradient.clone() * fixed.new1;
        let v = v * fixed.beta2 + gradient.square() * fixed.new2;
        let step = m.clone() * fixed.learning_rate / (v.clone().sqrt() + fixed.epsilon);
        let mut parameters = self.parameters.clone();
        if decaying.shrink != 1.0 {
            let lost = parameters.clone() * self.decayed.clone() * (1.0 - decaying.shrink);
            parameters = parameters - lost;
        }
        self.parameters = parameters - step;
        self.state = vec![m, v];
    }

    /// Any optimizer, which works on slices of the host's memory.
    fn update_on_host(&mut self, update: &Update<'_>) {
        let mut parameters = self.parameters.as_vec();
        let mut state = State::new(self.state.iter().map(|slot| slot.as_vec()).collect());
        let gradient = self.gradient.as_vec();
        for (index, parameter) in self.plan.parameters.iter().enumerate() {
            let rate = self.rates.as_ref().map_or(1.0, |(rates, _)| rates[index]);
            let Some(update) = update.at_rate(rate) else {
                continue;
            };
            let range = parameter.range.clone();
            let (values, gradient) = (&mut parameters[range.clone()], &gradient[range.clone()]);
            state.apply(&update, range, values, Some(gradient), parameter.decayed);
        }
        self.parameters = self.flat(&parameters);
        self.state = state.slots().iter().map(|slot| self.flat(slot)).collect();
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
        let head = &self.plan.heads[allocation.task];
        self.logits = logits.as_vec();
        head.by_pixels(&mut self.logits);
        let values = head.values();
        // Losses are computed on the host, like routers. The tape gets a sum
        // whose gradient by the logits is the loss's.
        let (value, gradient) = self.loss(allocation.task, &batch);
        let gradient = self.device.tensor_from_vec(gradient, (batch.len, values));
        let product: Tensor<Rank0, f32, D, _> = (logits * gradient).sum();
        let mut gradients = product.backward();
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

    /// Task after task: the tape holds one of them at a time.
    fn joint_gradients(&mut self, batch: JointBatch<'_>) -> Result<Vec<f64>, Error> {
        let mut losses = Vec::new();
        let mut weights = Vec::new();
        let mut sum = self.flat(&vec![0.0; self.plan.parameter_len()]);
        for task in batch.tasks {
            losses.push(self.gradients(task.allocation, batch.of(task))?);
            weights.append(&mut self.weight_gradient);
            sum = sum + self.gradient.clone();
        }
        self.gradient = sum;
        self.weight_gradient = weights;
        Ok(losses)
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

    fn gradient_norm_squared(&mut self, l2: f32, extra: Option<&[f32]>) -> f64 {
        sum(self.whole_gradient(l2, extra).square())
    }

    fn decayed_sum_of_squares(&mut self) -> f64 {
        sum((self.parameters.clone() * self.decayed.clone()).square())
    }

    fn set_rates(&mut self, rates: &[f64]) {
        let mut learns = vec![0.0; self.plan.parameter_len()];
        for (parameter, &rate) in self.plan.parameters.iter().zip(rates) {
            learns[parameter.range.clone()].fill(f32::from(u8::from(rate != 0.0)));
        }
        self.rates = Some((rates.to_vec(), self.flat(&learns)));
    }

    fn update(&mut self, update: &Update<'_>) {
        let optimizer: &dyn Any = update.optimizer;
        match optimizer.downcast_ref::<Adam>() {
            Some(adam) if self.rates.is_none() => self.update_adam(adam, update),
            _ => self.update_on_host(update),
        }
    }

    fn logits(
        &mut self,
        allocation: Allocation<'_>,
        inputs: &[f32],
        len: usize,
    ) -> Result<Vec<f32>, Error> {
        let weights = self.weights(allocation);
        let x = self.input(inputs, len);
        let mut logits = self.forward(x, allocation.task, &weights, None).as_vec();
        self.plan.heads[allocation.task].by_pixels(&mut logits);
        Ok(logits)
    }

    fn predict(
        &mut self,
        allocation: Allocation<'_>,
        examples: &Examples,
    ) -> Result<Vec<f32>, Error> {
        let (len, size) = (examples.len(), self.plan.input.len());
        let (mut inputs, mut logits) = (Vec::new(), Vec::new());
        for first in (0..len).step_by(EVALUATION_BATCH) {
            let count = EVALUATION_BATCH.min(len - first);
            inputs.resize(count * size, 0.0);
            for (i, input) in inputs.chunks_exact_mut(size).enumerate() {
                examples.write_input(first + i, None, input);
            }
            logits.extend(self.logits(allocation, &inputs, count)?);
        }
        Ok(logits)
    }

    fn parameters(&self) -> Vec<f32> {
        self.parameters.as_vec()
    }

    fn set_parameters(&mut self, parameters: &[f32]) {
        self.parameters = self.flat(parameters);
    }

    fn state(&self) -> State {
        State::new(self.state.iter().map(|slot| slot.as_vec()).collect())
    }

    fn set_state(&mut self, state: State) {
        self.state = state.slots().iter().map(|slot| self.flat(slot)).collect();
    }
}
