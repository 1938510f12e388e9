//! Task steps: forward, backward, update.

use std::sync::Arc;

use super::settings::TrainSettings;
use super::usage::Usage;
use crate::adam::{Adam, Moments};
use crate::auxiliary::{RouterPenalty, RouterTerms};
use crate::cpu::CpuEngine;
use crate::data::{Examples, Targets};
use crate::engine::{Allocation, Batch, Engine, Evaluation};
use crate::error::Error;
use crate::init::initial_parameters;
use crate::network::Multitask;
use crate::plan::Plan;
use crate::random::{Purpose, Random};
use crate::routing::Routers;
use crate::sums::{all_finite, sum_of_squares};

/// A network in training: its parameters, routers and optimiser.
pub struct Trainer {
    /// The network.
    pub plan: Arc<Plan>,
    /// The routers with their parameters.
    pub routers: Routers,
    pub(super) engine: Box<dyn Engine>,
    pub(super) adam: Adam,
    /// The engine keeps the model's.
    pub(super) router_moments: Moments,
    router_penalty: RouterPenalty,
    pub(super) l2: f64,
    random: Random,
    pub(super) global_step: u64,
    total_task_steps: u64,
    learns: Vec<bool>,
    pub(super) buffers: Buffers,
}

/// Kept from step to step, so that a step allocates nothing.
#[derive(Default)]
pub(super) struct Buffers {
    weights: Vec<f32>,
    pub(super) router_gradient: Vec<f32>,
    noise: Noise,
}

/// The random choices of one task step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noise {
    /// Uniform draws of all routed layers, `[components, draws]` each.
    pub uniforms: Vec<f32>,
    /// Masks of each dropout operation, `[batch, values]`, 1 keeps.
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
    /// Network `N` at its initial parameters on the CPU; `outputs` has the
    /// width of each task's head.
    ///
    /// # Errors
    /// If a setting is out of its range or does not fit the network, or the
    /// tasks do not fit it.
    pub fn new<N: Multitask>(
        settings: &TrainSettings,
        outputs: &[usize],
        threads: usize,
    ) -> Result<Self, Error> {
        Self::with_engine::<N>(settings, outputs, |plan, routers, parameters| {
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
    pub fn with_engine<N: Multitask>(
        settings: &TrainSettings,
        outputs: &[usize],
        engine: impl FnOnce(Arc<Plan>, &Routers, Vec<f32>) -> Result<Box<dyn Engine>, Error>,
    ) -> Result<Self, Error> {
        if settings.batch_size == 0 || settings.steps_per_task == 0 {
            return Err(Error::new(
                "batch size and steps per task must be at least 1",
            ));
        }
        let plan = Arc::new(Plan::new::<N>(outputs)?);
        let routers = Routers::new(&settings.router, &plan)?;
        let total_task_steps = settings.steps_per_task * outputs.len() as u64;
        let random = Random::new(settings.seed);
        let engine = engine(plan.clone(), &routers, initial_parameters(&plan, &random))?;
        let learns = (routers.layers.iter())
            .flat_map(|l| vec![l.router.learns_from_inactive(); l.components.len()])
            .collect();
        Ok(Self {
            router_penalty: RouterPenalty::new(settings.penalties, &routers, total_task_steps)?,
            adam: Adam::new(settings.adam)?,
            router_moments: Moments::zeros(routers.parameters.len()),
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
        })
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
    /// number of task steps than steps per task times tasks.
    pub fn set_total_task_steps(&mut self, total: u64) {
        self.total_task_steps = total;
        self.router_penalty.total_task_steps = total;
    }

    /// Number of tasks.
    pub fn tasks(&self) -> usize {
        self.plan.heads.len()
    }

    /// One task step with the random choices that belong to its number.
    ///
    /// # Errors
    /// If the loss or an input is not finite, before anything is changed, or
    /// the device fails.
    pub fn task_step(
        &mut self,
        task: usize,
        inputs: &[f32],
        targets: Targets<'_>,
    ) -> Result<StepReport, Error> {
        let mut noise = std::mem::take(&mut self.buffers.noise);
        self.draw(&mut noise, inputs.len() / self.plan.input.len());
        let report = self.task_step_with(task, inputs, targets, &noise);
        self.buffers.noise = noise;
        report
    }

    /// One task step with these random choices.
    ///
    /// # Errors
    /// As [`Self::task_step`].
    pub fn task_step_with(
        &mut self,
        task: usize,
        inputs: &[f32],
        targets: Targets<'_>,
        noise: &Noise,
    ) -> Result<StepReport, Error> {
        let report = self.compute(task, inputs, targets, noise)?;
        self.update();
        Ok(report)
    }

    /// The first half of a task step: losses and gradients, which
    /// [`Self::update`] applies.
    ///
    /// # Errors
    /// If the loss or an input is not finite or the device fails.
    pub fn compute(
        &mut self,
        task: usize,
        inputs: &[f32],
        targets: Targets<'_>,
        noise: &Noise,
    ) -> Result<StepReport, Error> {
        let step = self.global_step;
        if !all_finite(inputs) {
            return Err(Error::new(format!(
                "the inputs of task {task} at task step {step} hold NaN or infinity; mend the data"
            )));
        }
        let weights = &mut self.buffers.weights;
        self.routers.sample(task, step, &noise.uniforms, weights);
        let allocation = Allocation {
            task,
            weights,
            learns: &self.learns,
        };
        let len = inputs.len() / self.plan.input.len();
        let batch = Batch {
            len,
            inputs,
            targets,
            masks: &noise.masks,
        };
        let task_loss = self.engine.gradients(allocation, batch)?;
        let gradient = &mut self.buffers.router_gradient;
        gradient.fill(0.0);
        let weight_gradient = self.engine.weight_gradient();
        (self.routers).sample_backward(task, step, &noise.uniforms, weight_gradient, gradient);
        let report = StepReport {
            task_loss,
            router_terms: self.router_penalty.add(&self.routers, task, step, gradient),
            l2: match self.l2 {
                0.0 => 0.0,
                l2 => l2 * self.engine.decayed_sum_of_squares() / 2.0,
            },
        };
        let loss = task_loss + report.auxiliary_loss();
        let mistake = if !loss.is_finite() {
            format!("the loss of task {task} became {loss}")
        } else if !all_finite(gradient) {
            // No later loss would show it: such a router connects nothing.
            format!("a router's gradient in task {task} overflowed")
        } else {
            return Ok(report);
        };
        Err(Error::new(format!(
            "{mistake} at task step {step}; try a lower learning rate, or set a clip norm"
        )))
    }

    /// The second half of a task step: Adam over all parameters.
    pub fn update(&mut self) {
        let gradient = &self.buffers.router_gradient;
        let l2 = self.l2 as f32;
        let norm = self
            .adam
            .settings
            .clip_norm
            .map(|_| (sum_of_squares(gradient) + self.engine.gradient_norm_squared(l2)).sqrt());
        self.global_step += 1;
        let updates = self.adam.next_step(norm);
        self.engine.update(updates.model, l2);
        let moments = &mut self.router_moments;
        let parameters = &mut self.routers.parameters;
        (updates.router).apply(
            parameters,
            &mut moments.m,
            &mut moments.v,
            Some(gradient),
            0.0,
        );
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

    /// Mean loss and accuracy of a task over some examples, with the weights
    /// of evaluation.
    ///
    /// # Errors
    /// If the device fails.
    pub fn evaluate(&mut self, task: usize, examples: &dyn Examples) -> Result<Evaluation, Error> {
        self.routers.evaluate(task, &mut self.buffers.weights);
        let (weights, learns) = (&self.buffers.weights, &self.learns);
        self.engine.evaluate(
            Allocation {
                task,
                weights,
                learns,
            },
            examples,
        )
    }

    /// Logits of a task at evaluation, `[examples, outputs]`.
    ///
    /// # Errors
    /// If the device fails.
    pub fn logits(&mut self, task: usize, inputs: &[f32]) -> Result<Vec<f32>, Error> {
        self.routers.evaluate(task, &mut self.buffers.weights);
        let (weights, learns) = (&self.buffers.weights, &self.learns);
        let len = inputs.len() / self.plan.input.len();
        self.engine.logits(
            Allocation {
                task,
                weights,
                learns,
            },
            inputs,
            len,
        )
    }

    /// The weights of evaluation of a task, over the components of all routed
    /// layers.
    pub fn evaluation_weights(&self, task: usize) -> Vec<f32> {
        let mut weights = vec![0.0; self.routers.component_len()];
        self.routers.evaluate(task, &mut weights);
        weights
    }

    /// What a task uses of the network.
    pub fn usage(&self, task: usize) -> Usage {
        Usage::active(&self.plan, &self.evaluation_weights(task))
    }

    /// The next task step counts as this one, from 0. The optimiser goes on
    /// counting its own updates.
    pub fn set_global_step(&mut self, step: u64) {
        self.global_step = step;
    }

    /// Logits of the last training batch, `[batch, outputs]`.
    pub fn last_logits(&self) -> &[f32] {
        self.engine.last_logits()
    }

    /// Weights of the last training batch, or evaluation.
    pub fn last_weights(&self) -> &[f32] {
        &self.buffers.weights
    }
}
