//! Steps on a batch that serves all tasks at once.

use super::report::{Noise, StepReport};
use super::step::Member;
use super::trainer::{Computed, Trainer};
use crate::data::BatchTargets;
use crate::engine::{Allocation, JointBatch, JointTask};
use crate::error::Error;
use crate::loss::by_label;
use crate::network::plan::HeadPlan;
use crate::sums::all_finite;

impl Trainer {
    /// One step on a batch that serves all tasks: `targets` has those of each
    /// task, missing labels as NaN or [`MISSING_CLASS`](crate::data::MISSING_CLASS);
    /// inputs and targets are as in [`Trainer::task_step`]. What tasks have in
    /// common is computed once for all of them: shared fields up to the first that
    /// they do not use alike, and the components of a routed field there.
    ///
    /// The gradient is the sum of those of the tasks at the same parameters, with
    /// one dropout mask for all and router noise for each, and there is one update;
    /// penalties on parameters count once, those on connections for each task. The
    /// step counts as one task step of each. A task without a label in the batch
    /// has the loss 0 and costs nothing.
    ///
    /// ```
    /// use paramalloc_core::data::Targets;
    /// use paramalloc_core::prelude::*;
    ///
    /// #[multitask(input = 4)]
    /// struct Net {
    ///     shared: (Linear<4, 16>, ReLU),
    ///     #[routed(3)]
    ///     dense: (Linear<16, 8>, ReLU),
    ///     #[head(tasks = [labels(1); 2])]
    ///     head: PerTaskLinear<8>,
    /// }
    ///
    /// let mut trainer = Trainer::new(&Net::NETWORK, &TrainSettings::default(), &[1, 1], 1)?;
    /// let inputs = [0.5, 0.1, -0.3, 0.9, -0.2, 0.4, 0.8, -0.7];
    /// let targets = [Targets::Values(&[1.0, 0.0]), Targets::Values(&[1.0, f32::NAN])];
    /// let reports = trainer.step_all(&inputs, &targets)?;
    /// assert_eq!((reports.len(), trainer.global_step()), (2, 2));
    /// # Ok::<(), paramalloc_core::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// Before anything is changed: if there are not targets for each task, and as
    /// [`Trainer::task_step`].
    pub fn step_all<'a, T>(
        &mut self,
        inputs: &[f32],
        targets: &[T],
    ) -> Result<Vec<StepReport>, Error>
    where
        T: Copy + Into<BatchTargets<'a>>,
    {
        let len = self.joint_len(inputs, targets)?;
        let mut noise = std::mem::take(&mut self.buffers.noise);
        self.draw(&mut noise, len, self.tasks());
        let reports = self.step_all_with(inputs, targets, &noise);
        self.buffers.noise = noise;
        reports
    }

    /// The same with these random choices: uniform draws for each task, one task
    /// after the other, and masks for all of them.
    ///
    /// # Errors
    /// As [`Self::step_all`], and if the lengths of `noise` do not fit.
    pub fn step_all_with<'a, T>(
        &mut self,
        inputs: &[f32],
        targets: &[T],
        noise: &Noise,
    ) -> Result<Vec<StepReport>, Error>
    where
        T: Copy + Into<BatchTargets<'a>>,
    {
        let reports = self.compute_all(inputs, targets, noise)?;
        self.update()?;
        Ok(reports)
    }

    /// The first half of a step on all tasks: losses and gradients, which
    /// [`Self::update`] applies.
    ///
    /// # Errors
    /// As [`Self::step_all_with`].
    pub fn compute_all<'a, T>(
        &mut self,
        inputs: &[f32],
        targets: &[T],
        noise: &Noise,
    ) -> Result<Vec<StepReport>, Error>
    where
        T: Copy + Into<BatchTargets<'a>>,
    {
        self.computed = None;
        let (tasks, step) = (self.tasks(), self.global_step);
        let len = self.joint_len(inputs, targets)?;
        self.check_noise(noise, len, tasks)?;
        if !all_finite(inputs) {
            return Err(Error::InputNotFinite { task: 0, step });
        }
        let weights = self.sample_all(noise);
        let mut memory = vec![Vec::new(); tasks];
        let members: Vec<JointTask<'_>> = (targets.iter().zip(&mut memory).enumerate())
            .map(|(task, (&targets, memory))| {
                let allocation = Allocation {
                    task,
                    weights: &weights[task],
                    learns: &self.learns,
                };
                joint_task(
                    &self.plan.heads[task],
                    allocation,
                    (targets.into(), len),
                    memory,
                )
            })
            .filter(|member| member.total_weight > 0.0)
            .collect();
        let losses = self.engine.joint_gradients(JointBatch {
            len,
            inputs,
            masks: &noise.masks,
            tasks: &members,
        })?;
        let places = members.iter().map(|member| member.allocation.task);
        let losses: Vec<(usize, f64)> = places.zip(losses).collect();
        let reports = self.all_penalties(&losses, noise)?;
        self.computed = Some(Computed {
            task: 0,
            steps: tasks as u64,
        });
        Ok(reports)
    }

    /// The weights of each task.
    fn sample_all(&self, noise: &Noise) -> Vec<Vec<f32>> {
        let sample = |task: usize| {
            let mut weights = vec![0.0; self.routers.component_len()];
            let uniforms = self.uniforms_of(task, noise);
            (self.routers).sample(task, self.global_step, uniforms, &mut weights);
            weights
        };
        (0..self.tasks()).map(sample).collect()
    }

    /// The uniform draws of a task.
    fn uniforms_of<'a>(&self, task: usize, noise: &'a Noise) -> &'a [f32] {
        let len = self.routers.uniform_len();
        &noise.uniforms[task * len..][..len]
    }

    /// The gradient of the routers' parameters and the report of each task. `losses`
    /// are those of the tasks that the engine has computed, in its order.
    fn all_penalties(
        &mut self,
        losses: &[(usize, f64)],
        noise: &Noise,
    ) -> Result<Vec<StepReport>, Error> {
        self.buffers.router_gradient.fill(0.0);
        let mut reports = Vec::with_capacity(self.tasks());
        for task in 0..self.tasks() {
            let index = losses.iter().position(|(of, _)| *of == task);
            let member = Member {
                task,
                index,
                is_first: task == 0,
            };
            let loss = index.map_or(0.0, |index| losses[index].1);
            let report = self.add_penalties(member, loss, self.uniforms_of(task, noise));
            self.check_finite(task, &report)?;
            reports.push(report);
        }
        Ok(reports)
    }

    /// Number of examples of a batch that fits all tasks.
    fn joint_len<'a, T>(&self, inputs: &[f32], targets: &[T]) -> Result<usize, Error>
    where
        T: Copy + Into<BatchTargets<'a>>,
    {
        let (found, tasks) = (targets.len(), self.tasks());
        if found != tasks {
            return Err(Error::JointTargets { found, tasks });
        }
        let mut len = 0;
        for (task, &targets) in targets.iter().enumerate() {
            len = self.batch_len(task, inputs, targets.into())?;
        }
        Ok(len)
    }
}

/// A task's part of a batch of `len` examples; `memory` takes weights of labels.
fn joint_task<'a>(
    head: &HeadPlan,
    allocation: Allocation<'a>,
    (targets, len): (BatchTargets<'a>, usize),
    memory: &'a mut Vec<f32>,
) -> JointTask<'a> {
    let targets = by_label(targets, (len, head.pixels), &head.class_weights, memory);
    let weight = (head.head_loss()).batch_weight(targets, len * head.pixels, head.outputs);
    JointTask {
        allocation,
        targets,
        total_weight: weight / f64::from(head.weight),
    }
}
