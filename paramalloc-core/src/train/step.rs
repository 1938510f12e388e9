//! Task steps: forward, backward, update.

use super::report::{Noise, StepReport};
use super::trainer::{Computed, Trainer};
use crate::data::BatchTargets;
use crate::engine::{Allocation, Batch};
use crate::error::Error;
use crate::loss::by_label;
use crate::optim::Update;
use crate::penalty::PenaltyStep;
use crate::random::Purpose;
use crate::sums::{all_finite, sum_of_squares};

/// A task of a step.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) task: usize,
    /// Its place among those that the engine has computed, if it is one.
    pub(super) index: Option<usize>,
    /// True if it counts the penalties on the model's parameters, which a step
    /// has once.
    pub(super) is_first: bool,
}

impl Trainer {
    /// One task step with the random choices that belong to its number.
    /// `inputs` are `[batch, channels, rows, columns]`, for a network over
    /// features `[batch, features]`; the batch may have any size from 1.
    /// `targets` are one class per example, or `[batch, outputs]` values, of a
    /// head per pixel `[batch, rows, columns]` classes or `[batch, rows, columns,
    /// outputs]` values, with a weight of each example (or pixel) in the mean
    /// loss if they are [`BatchTargets`]. A batch without a label that is present
    /// and has a weight has the loss 0.
    ///
    /// # Errors
    /// Before anything is changed: if inputs or targets do not fit the task,
    /// if an input, the loss or a gradient is not finite, or the device fails.
    pub fn task_step<'a>(
        &mut self,
        task: usize,
        inputs: &[f32],
        targets: impl Into<BatchTargets<'a>>,
    ) -> Result<StepReport, Error> {
        let targets = targets.into();
        let len = self.batch_len(task, inputs, targets)?;
        let mut noise = std::mem::take(&mut self.buffers.noise);
        self.draw(&mut noise, len, 1);
        let report = self.task_step_with(task, inputs, targets, &noise);
        self.buffers.noise = noise;
        report
    }

    /// One task step with these random choices; inputs and targets as in
    /// [`Self::task_step`].
    ///
    /// # Errors
    /// As [`Self::task_step`], and if the lengths of `noise` do not fit.
    pub fn task_step_with<'a>(
        &mut self,
        task: usize,
        inputs: &[f32],
        targets: impl Into<BatchTargets<'a>>,
        noise: &Noise,
    ) -> Result<StepReport, Error> {
        let report = self.compute(task, inputs, targets, noise)?;
        self.update()?;
        Ok(report)
    }

    /// The first half of a task step: losses and gradients, which
    /// [`Self::update`] applies. Inputs and targets as in
    /// [`Self::task_step`].
    ///
    /// # Errors
    /// As [`Self::task_step_with`].
    pub fn compute<'a>(
        &mut self,
        task: usize,
        inputs: &[f32],
        targets: impl Into<BatchTargets<'a>>,
        noise: &Noise,
    ) -> Result<StepReport, Error> {
        let targets = targets.into();
        self.computed = None;
        let step = self.global_step;
        let len = self.batch_len(task, inputs, targets)?;
        self.check_noise(noise, len, 1)?;
        if !all_finite(inputs) {
            return Err(Error::InputNotFinite { task, step });
        }
        let weights = &mut self.buffers.weights;
        self.routers.sample(task, step, &noise.uniforms, weights);
        let allocation = Allocation {
            task,
            weights,
            learns: &self.learns,
        };
        let head = &self.plan.heads[task];
        let example_weights = &mut self.buffers.example_weights;
        let count = (len, head.pixels);
        let targets = by_label(targets, count, &head.class_weights, example_weights);
        let weight = (head.head_loss()).batch_weight(targets, len * head.pixels, head.outputs);
        let batch = Batch {
            len,
            inputs,
            targets,
            // A loss is divided by this, so the task's weight multiplies it.
            total_weight: weight / f64::from(head.weight),
            masks: &noise.masks,
        };
        let task_loss = self.engine.gradients(allocation, batch)?;
        self.buffers.router_gradient.fill(0.0);
        let member = Member {
            task,
            index: Some(0),
            is_first: true,
        };
        let report = self.add_penalties(member, task_loss, &noise.uniforms);
        self.check_finite(task, &report)?;
        self.computed = Some(Computed { task, steps: 1 });
        Ok(report)
    }

    /// Checks what a step of a task has computed.
    pub(super) fn check_finite(&self, task: usize, report: &StepReport) -> Result<(), Error> {
        let step = self.global_step;
        let loss = report.task_loss + report.auxiliary_loss();
        if !loss.is_finite() {
            return Err(Error::LossNotFinite { task, step, loss });
        }
        if !all_finite(&self.buffers.router_gradient) {
            // No later loss would show it: such a router connects nothing.
            return Err(Error::RouterGradientNotFinite { task, step });
        }
        let of_penalties = self.penalties.parameter_gradient();
        if of_penalties.is_some_and(|gradient| !all_finite(gradient)) {
            return Err(Error::PenaltyGradientNotFinite { task, step });
        }
        Ok(())
    }

    /// Adds to the gradient of the router parameters what comes from the gradient
    /// of the weights that the engine has computed and from the penalties; and
    /// gives the losses of the step.
    pub(super) fn add_penalties(
        &mut self,
        member: Member,
        task_loss: f64,
        uniforms: &[f32],
    ) -> StepReport {
        let (routers, global_step, task) = (&self.routers, self.global_step, member.task);
        let gradient = &mut self.buffers.router_gradient;
        if let Some(index) = member.index {
            let components = routers.component_len();
            let of_weights = &self.engine.weight_gradient()[index * components..][..components];
            routers.sample_backward(task, global_step, uniforms, of_weights, gradient);
        }
        let l2 = match self.l2 {
            l2 if l2 == 0.0 || !member.is_first => 0.0,
            l2 => l2 * self.engine.decayed_sum_of_squares() / 2.0,
        };
        let parameters = match self.penalties.is_on_parameters() && member.is_first {
            true => self.engine.parameters(),
            false => Vec::new(),
        };
        let step = PenaltyStep {
            task,
            global_step,
            total_task_steps: self.total_task_steps,
        };
        let network = (&*self.plan, routers);
        let model = member.is_first.then_some((l2, &*parameters));
        let penalties = (self.penalties).add(network, step, gradient, model);
        let rates = self.router_rates.iter().flatten();
        for (layer, rates) in routers.layers.iter().zip(rates) {
            for (task, _) in rates.iter().enumerate().filter(|(_, rate)| **rate == 0.0) {
                // It is none of the norm that clipping looks at.
                gradient[layer.row(task)].fill(0.0);
            }
        }
        StepReport {
            task_loss,
            penalties,
        }
    }

    /// The second half of a task step: the optimizer over all parameters.
    ///
    /// # Errors
    /// If no [`Self::compute`] that succeeded came before it since the last
    /// update, or the norm of the gradients, which clipping needs, is not
    /// finite; nothing is changed then.
    pub fn update(&mut self) -> Result<(), Error> {
        let Some(Computed { task, steps }) = self.computed.take() else {
            return Err(Error::NothingComputed);
        };
        let gradient = &self.buffers.router_gradient;
        let l2 = self.l2 as f32;
        let extra = self.penalties.parameter_gradient();
        let norm = self.optimization.clip_norm.map(|_| {
            let model = self.engine.gradient_norm_squared(l2, extra);
            (sum_of_squares(gradient) + model).sqrt()
        });
        if norm.is_some_and(|norm| !norm.is_finite()) {
            // Clipping would make 0 times infinity of it.
            let step = self.global_step;
            return Err(Error::NormNotFinite { task, step });
        }
        let scale = self.optimization.scale(norm);
        let (step, total) = (self.global_step, self.total_task_steps);
        let [model, router] = self.optimization.next(step, total, scale, l2);
        self.engine.update(&Update { extra, ..model });
        let parameters = &mut self.routers.parameters;
        match &self.router_rates {
            None => {
                let all = 0..parameters.len();
                (self.router_state).apply(&router, all, parameters, Some(gradient), false);
            }
            Some(rates) => {
                let layers = self.routers.layers.iter().zip(rates);
                let own = layers.filter(|(layer, _)| layer.router_of.is_none());
                let rows = own.flat_map(|(layer, rates)| {
                    let rates = rates.iter().enumerate();
                    rates.map(|(task, &rate)| (layer.row(task), rate))
                });
                for (range, rate) in rows {
                    let Some(router) = router.at_rate(rate) else {
                        continue;
                    };
                    let values = &mut parameters[range.clone()];
                    let gradient = Some(&gradient[range.clone()]);
                    (self.router_state).apply(&router, range, values, gradient, false);
                }
            }
        }
        self.global_step += steps;
        Ok(())
    }

    /// Draws the random choices of the next task step, or of one step on this many
    /// tasks: the masks of the first task step that it counts as, and of each the
    /// draws of the routers.
    pub(super) fn draw(&self, noise: &mut Noise, batch: usize, tasks: usize) {
        let step = self.global_step;
        let uniforms = self.routers.uniform_len();
        noise.uniforms.resize(tasks * uniforms, 0.0);
        if uniforms > 0 {
            for (uniforms, step) in noise.uniforms.chunks_exact_mut(uniforms).zip(step..) {
                let mut stream = self.random.stream(Purpose::Gumbel, step, 0);
                stream.fill_uniform(uniforms);
            }
        }
        noise.masks.resize(self.plan.dropouts.len(), Vec::new());
        for (index, (mask, dropout)) in noise.masks.iter_mut().zip(&self.plan.dropouts).enumerate()
        {
            mask.resize(batch * dropout.values, 0.0);
            let mut stream = self.random.stream(Purpose::Dropout, step, index as u64);
            stream.fill_mask(mask, dropout.dropped.part, dropout.dropped.of);
        }
    }
}
