//! Task steps: forward, backward, update.

use std::sync::Arc;

use super::optimization::Optimization;
use super::settings::TrainSettings;
use crate::data::Targets;
use crate::engine::cpu::CpuEngine;
use crate::engine::{Allocation, Batch, Engine};
use crate::error::Error;
use crate::network::Network;
use crate::network::init::initial_parameters;
use crate::network::plan::Plan;
use crate::optim::{Optimizer, Schedule, State};
use crate::penalty::{RouterPenalty, RouterTerms};
use crate::random::{Purpose, Random};
use crate::routing::Routers;
use crate::sums::{all_finite, sum_of_squares};

/// A network in training: its parameters, routers and optimizer.
pub struct Trainer {
    /// The network.
    pub plan: Arc<Plan>,
    /// The routers with their parameters.
    pub routers: Routers,
    pub(super) engine: Box<dyn Engine>,
    pub(super) optimization: Optimization,
    /// State of the optimizer for the routers; the engine has the model's.
    pub(super) router_state: State,
    router_penalty: RouterPenalty,
    pub(super) l2: f64,
    random: Random,
    pub(super) global_step: u64,
    total_task_steps: u64,
    pub(super) learns: Vec<bool>,
    /// The task whose gradients wait for [`Trainer::update`].
    pub(super) computed: Option<usize>,
    pub(super) buffers: Buffers,
}

/// Kept from step to step, so that a step allocates nothing.
#[derive(Default)]
pub(super) struct Buffers {
    pub(super) weights: Vec<f32>,
    pub(super) router_gradient: Vec<f32>,
    noise: Noise,
}

/// The random choices of one task step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noise {
    /// Uniform draws of all routed layers, in `[0, 1)`, `[components, draws]`
    /// each: [`Routers::uniform_len`] values.
    pub uniforms: Vec<f32>,
    /// One mask for each of [`Plan::dropouts`], `[batch, values]`: 1 keeps a
    /// value, 0 drops it.
    pub masks: Vec<Vec<f32>>,
}

/// The losses of one task step, before its update.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepReport {
    /// Mean task loss over the batch.
    pub task_loss: f64,
    /// The terms on connection probabilities.
    pub router_terms: RouterTerms,
    /// The L2 term.
    pub l2: f64,
}

impl StepReport {
    /// All auxiliary losses.
    pub fn auxiliary_loss(&self) -> f64 {
        self.router_terms.sum() + self.l2
    }
}

impl Trainer {
    /// `network` at its initial parameters on the CPU; `outputs` has the
    /// width of each task's head. Up to `threads` threads share the work of a
    /// step or an evaluation, the calling one among them; 0 is taken for 1.
    /// Their number changes no bit.
    ///
    /// # Errors
    /// If a setting is out of its range or does not fit the network, the tasks
    /// do not fit it, or the system does not start the threads.
    pub fn new(
        network: &Network,
        settings: &TrainSettings,
        outputs: &[usize],
        threads: usize,
    ) -> Result<Self, Error> {
        Self::with_engine(network, settings, outputs, |plan, routers, parameters| {
            Ok(Box::new(CpuEngine::new(
                plan,
                &routers.learned(),
                parameters,
                threads,
            )?))
        })
    }

    /// The same on an engine of one's choice, which is given the plan, the
    /// routers and the initial parameters.
    ///
    /// # Errors
    /// As [`Self::new`], and what `engine` says.
    pub fn with_engine(
        network: &Network,
        settings: &TrainSettings,
        outputs: &[usize],
        engine: impl FnOnce(Arc<Plan>, &Routers, Vec<f32>) -> Result<Box<dyn Engine>, Error>,
    ) -> Result<Self, Error> {
        settings.check()?;
        let plan = Arc::new(Plan::new(network, outputs)?);
        let routers = Routers::new(&settings.router, &plan)?;
        let total_task_steps = total_task_steps(settings.steps_per_task, outputs.len())?;
        let random = Random::new(settings.seed);
        let optimization = Optimization::new(settings)?;
        let mut engine = engine(plan.clone(), &routers, initial_parameters(&plan, &random))?;
        let slots = optimization.slots();
        engine.set_state(State::zeros(slots, plan.parameter_len()));
        let learns = (routers.layers.iter())
            .flat_map(|l| vec![l.router.learns_from_inactive(); l.components.len()])
            .collect();
        Ok(Self {
            router_penalty: RouterPenalty::new(settings.penalties, &routers, total_task_steps)?,
            optimization,
            router_state: State::zeros(slots, routers.parameters.len()),
            l2: settings.penalties.l2_penalty,
            buffers: Buffers {
                weights: vec![0.0; routers.component_len()],
                router_gradient: vec![0.0; routers.parameters.len()],
                noise: Noise::default(),
            },
            plan,
            routers,
            engine,
            random,
            global_step: 0,
            total_task_steps,
            learns,
            computed: None,
        })
    }

    /// Trains with this optimizer from now on, in place of that of the
    /// settings. Its state starts at zeros and its updates at 1, so it is for
    /// a trainer that has done no step, or is restored after it.
    ///
    /// # Errors
    /// If a checkpoint could not use the names of its state slots.
    pub fn set_optimizer(&mut self, optimizer: Box<dyn Optimizer>) -> Result<(), Error> {
        self.optimization.replace(optimizer)?;
        let slots = self.optimization.slots();
        (self.engine).set_state(State::zeros(slots, self.plan.parameter_len()));
        self.router_state = State::zeros(slots, self.routers.parameters.len());
        Ok(())
    }

    /// Follows this schedule from now on, in place of that of the settings.
    pub fn set_schedule(&mut self, schedule: Box<dyn Schedule>) {
        self.optimization.schedule = schedule;
    }

    /// Task steps done.
    pub fn global_step(&self) -> u64 {
        self.global_step
    }

    /// Task steps of the whole run.
    pub fn total_task_steps(&self) -> u64 {
        self.total_task_steps
    }

    /// Counts progress, which the entropy penalty grows with, against another
    /// number of task steps than steps per task times tasks. For comparisons
    /// with other programs; a run does not need it.
    pub fn set_total_task_steps(&mut self, total: u64) {
        self.total_task_steps = total;
        self.router_penalty.total_task_steps = total;
    }

    /// Number of tasks.
    pub fn tasks(&self) -> usize {
        self.plan.heads.len()
    }

    /// One task step with the random choices that belong to its number.
    /// `inputs` are `[batch, channels, rows, columns]`, for a network over
    /// features `[batch, features]`; the batch may have any size from 1.
    /// `targets` are one class per example, or `[batch, outputs]` values.
    ///
    /// # Errors
    /// Before anything is changed: if inputs or targets do not fit the task,
    /// if an input, the loss or a gradient is not finite, or the device fails.
    pub fn task_step(
        &mut self,
        task: usize,
        inputs: &[f32],
        targets: Targets<'_>,
    ) -> Result<StepReport, Error> {
        let len = self.batch_len(task, inputs, targets)?;
        let mut noise = std::mem::take(&mut self.buffers.noise);
        self.draw(&mut noise, len);
        let report = self.task_step_with(task, inputs, targets, &noise);
        self.buffers.noise = noise;
        report
    }

    /// One task step with these random choices; inputs and targets as in
    /// [`Self::task_step`].
    ///
    /// # Errors
    /// As [`Self::task_step`], and if the lengths of `noise` do not fit.
    pub fn task_step_with(
        &mut self,
        task: usize,
        inputs: &[f32],
        targets: Targets<'_>,
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
    pub fn compute(
        &mut self,
        task: usize,
        inputs: &[f32],
        targets: Targets<'_>,
        noise: &Noise,
    ) -> Result<StepReport, Error> {
        self.computed = None;
        let step = self.global_step;
        let len = self.batch_len(task, inputs, targets)?;
        self.check_noise(noise, len)?;
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
        let batch = Batch {
            len,
            inputs,
            targets,
            masks: &noise.masks,
        };
        let task_loss = self.engine.gradients(allocation, batch)?;
        let report = self.add_router_gradient(task, task_loss, &noise.uniforms);
        let loss = task_loss + report.auxiliary_loss();
        if !loss.is_finite() {
            return Err(Error::LossNotFinite { task, step, loss });
        }
        if !all_finite(&self.buffers.router_gradient) {
            // No later loss would show it: such a router connects nothing.
            return Err(Error::RouterGradientNotFinite { task, step });
        }
        self.computed = Some(task);
        Ok(report)
    }

    /// The gradient of all router parameters, from the gradient of the
    /// weights that the engine has computed and from the penalties; and the
    /// losses of the step.
    fn add_router_gradient(&mut self, task: usize, task_loss: f64, uniforms: &[f32]) -> StepReport {
        let (routers, step) = (&self.routers, self.global_step);
        let gradient = &mut self.buffers.router_gradient;
        gradient.fill(0.0);
        let weight_gradient = self.engine.weight_gradient();
        routers.sample_backward(task, step, uniforms, weight_gradient, gradient);
        StepReport {
            task_loss,
            router_terms: self.router_penalty.add(routers, task, step, gradient),
            l2: match self.l2 {
                0.0 => 0.0,
                l2 => l2 * self.engine.decayed_sum_of_squares() / 2.0,
            },
        }
    }

    /// The second half of a task step: the optimizer over all parameters.
    ///
    /// # Errors
    /// If no [`Self::compute`] that succeeded came before it since the last
    /// update, or the norm of the gradients, which clipping needs, is not
    /// finite; nothing is changed then.
    pub fn update(&mut self) -> Result<(), Error> {
        let Some(task) = self.computed.take() else {
            return Err(Error::NothingComputed);
        };
        let gradient = &self.buffers.router_gradient;
        let l2 = self.l2 as f32;
        let norm = self
            .optimization
            .clip_norm
            .map(|_| (sum_of_squares(gradient) + self.engine.gradient_norm_squared(l2)).sqrt());
        if norm.is_some_and(|norm| !norm.is_finite()) {
            // Clipping would make 0 times infinity of it.
            let step = self.global_step;
            return Err(Error::NormNotFinite { task, step });
        }
        let scale = self.optimization.scale(norm);
        let (step, total) = (self.global_step, self.total_task_steps);
        let [model, router] = self.optimization.next(step, total, scale, l2);
        self.engine.update(&model);
        let parameters = &mut self.routers.parameters;
        let all = 0..parameters.len();
        (self.router_state).apply(&router, all, parameters, Some(gradient), false);
        self.global_step += 1;
        Ok(())
    }

    /// Draws the random choices of the next task step.
    fn draw(&self, noise: &mut Noise, batch: usize) {
        let step = self.global_step;
        noise.uniforms.resize(self.routers.uniform_len(), 0.0);
        if !noise.uniforms.is_empty() {
            let mut stream = self.random.stream(Purpose::Gumbel, step, 0);
            stream.fill_uniform(&mut noise.uniforms);
        }
        noise.masks.resize(self.plan.dropouts.len(), Vec::new());
        for (place, (mask, dropout)) in noise.masks.iter_mut().zip(&self.plan.dropouts).enumerate()
        {
            mask.resize(batch * dropout.values, 0.0);
            let mut stream = self.random.stream(Purpose::Dropout, step, place as u64);
            stream.fill_mask(mask, dropout.one_in);
        }
    }

    /// The next task step counts as this one, from 0. The optimizer
    /// keeps counting its own updates. For comparisons with other programs; a run
    /// does not need it.
    pub fn set_global_step(&mut self, step: u64) {
        self.global_step = step;
    }

    /// Logits of the last training batch, `[batch, outputs]`, before its
    /// update. For comparisons with other programs; a run does not need it.
    pub fn last_logits(&self) -> &[f32] {
        self.engine.last_logits()
    }

    /// Weights of the last training batch, or evaluation, over the components
    /// of all routed layers. For comparisons; a run does not need it.
    pub fn last_weights(&self) -> &[f32] {
        &self.buffers.weights
    }
}

/// Task steps of a whole run.
fn total_task_steps(steps_per_task: u64, tasks: usize) -> Result<u64, Error> {
    let total = steps_per_task.checked_mul(tasks as u64);
    total.ok_or(Error::TooManySteps {
        steps_per_task,
        tasks,
    })
}
