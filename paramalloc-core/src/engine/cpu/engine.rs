//! The engine of the CPU: one meeting of its threads per step.

use std::fmt;
use std::iter;
use std::slice;
use std::sync::Arc;

use dfdx::prelude::Cpu;

use super::chunks::Chunks;
use super::convolution::Convolution;
use super::evaluators::Evaluators;
use super::joint::Joint;
use super::joint_chunks::JointChunks;
use super::pass::Network;
use super::places::Layout;
use super::program::Program;
use super::resolved::Resolved;
use super::segments::{Segment, segments};
use super::threads::Threads;
use super::transformed::Transformed;
use super::updates::update_segments;
use super::whole_batch::WholeBatch;
use crate::data::Examples;
use crate::engine::{Allocation, Batch, Engine, JointBatch};
use crate::error::Error;
use crate::network::plan::Plan;
use crate::optim::{Pieces, State, Update};
use crate::sums::{sum_of_squares, sum_of_squares_of_product, sum_of_squares_of_sum};
use paramalloc_kernels::Level;

/// Trains on the CPU with the kernels of [`paramalloc_kernels`].
pub struct CpuEngine {
    network: Resolved,
    transformed: Transformed,
    threads: Threads,
    parameters: Vec<f32>,
    state: State,
    chunks: Chunks,
    whole_batch: WholeBatch,
    /// Of batches that serve several tasks.
    joint: JointChunks,
    /// Parts of gradients at work, one per thread.
    parts: Vec<Vec<f32>>,
    evaluators: Evaluators,
    /// Of a network with products.
    evaluation: WholeBatch,
    /// The last batch, once there was one.
    last: Option<Last>,
}

impl fmt::Debug for CpuEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CpuEngine")
            .field("network", &self.network.plan.name)
            .field("threads", &self.threads.count())
            .field("level", &self.network.level)
            .finish_non_exhaustive()
    }
}

/// What decides which segments a batch reached, and where its gradients are.
#[derive(Default)]
struct Last {
    tasks: Vec<usize>,
    /// `[tasks, components]`
    weights: Vec<f32>,
    is_joint: bool,
}

impl Last {
    /// Notes a batch of these tasks.
    fn set<'a>(&mut self, is_joint: bool, tasks: impl Iterator<Item = Allocation<'a>>) {
        self.is_joint = is_joint;
        self.tasks.clear();
        self.weights.clear();
        for allocation in tasks {
            self.tasks.push(allocation.task);
            self.weights.extend_from_slice(allocation.weights);
        }
    }

    fn reaches(&self, segment: &Segment) -> bool {
        let components = self.weights.len() / self.tasks.len().max(1);
        let weights = |member: usize| &self.weights[member * components..][..components];
        let mut tasks = self.tasks.iter().enumerate();
        tasks.any(|(member, &task)| segment.is_reached(task, weights(member)))
    }
}

impl CpuEngine {
    /// An engine at these parameters, without state slots. `learned` says
    /// which routed layers have a router that learns
    /// ([`Routers::learned`](crate::routing::Routers::learned)). A training
    /// batch and an evaluation are shared between up to `threads` threads, the
    /// calling one among them; their number changes no bit.
    ///
    /// # Errors
    /// If a layer of the user's own is not bound, or the threads cannot be
    /// started.
    pub fn new(
        plan: Arc<Plan>,
        learned: &[bool],
        parameters: Vec<f32>,
        threads: usize,
    ) -> Result<Self, Error> {
        plan.check_bound()?;
        let rates = vec![1.0; plan.parameters.len()];
        let layout = Layout::new(&plan, learned, &rates, Convolution::default());
        let program = Program::new(&plan, &layout);
        let products = program.as_ref().map_or(&[][..], |p| &p.parameters);
        Ok(Self {
            network: Resolved {
                segments: segments(&plan, &rates, products),
                learned: learned.to_vec(),
                layout,
                program,
                level: Level::detect(),
                device: Cpu::default(),
                dense: false,
                convolution: Convolution::default(),
                plan,
            },
            transformed: Transformed::default(),
            threads: Threads::new(threads)?,
            parameters,
            state: State::default(),
            chunks: Chunks::default(),
            joint: JointChunks::default(),
            whole_batch: WholeBatch::new(Level::detect()),
            parts: Vec::new(),
            evaluators: Evaluators::default(),
            evaluation: WholeBatch::new(Level::detect()),
            last: None,
        })
    }

    /// Computes wide convolutions in this way; [`Convolution::Auto`] by default.
    /// For an engine that has done nothing yet.
    pub fn with_convolution(mut self, convolution: Convolution) -> Self {
        if convolution == self.network.convolution {
            return self;
        }
        self.network.convolution = convolution;
        let rates = vec![1.0; self.network.plan.parameters.len()];
        self.set_rates(&rates);
        self
    }

    /// Computes also what is inactive, forward and backward: there for tests,
    /// to show that leaving it out changes nothing.
    pub fn dense(mut self) -> Self {
        self.network.dense = true;
        (self.network.segments.iter_mut()).for_each(Segment::reach_always);
        self
    }

    /// Passes group by group through every network: there for tests and
    /// benchmarks, to compare with products over the whole batch.
    pub fn by_groups(mut self) -> Self {
        self.network.program = None;
        self
    }

    /// Uses this instruction set and not the best one: there for tests and
    /// benchmarks.
    pub fn with_level(mut self, level: Level) -> Self {
        self.network.level = level;
        self
    }

    /// The squared norm of the gradient with L2 and an extra gradient.
    fn norm_squared_with(&self, l2: f32, extra: &[f32]) -> f64 {
        let squares = |segment: &Segment| {
            let l2 = if segment.decayed { l2 } else { 0.0 };
            let mut sum = extra[segment.range.clone()].to_vec();
            let gradient = self.gradient(segment);
            let values = &self.parameters[segment.range.clone()];
            for (i, (sum, value)) in sum.iter_mut().zip(values).enumerate() {
                *sum += gradient.map_or(0.0, |g| g[i]) + l2 * value;
            }
            sum_of_squares(&sum)
        };
        self.learning_segments().map(squares).sum()
    }

    fn learning_segments(&self) -> impl Iterator<Item = &Segment> {
        (self.network.segments.iter()).filter(|segment| segment.learns())
    }

    /// True if the last batch served several tasks.
    fn is_joint(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.is_joint)
    }

    /// The gradient of a segment in the last batch, if it was reached.
    fn gradient(&self, segment: &Segment) -> Option<&[f32]> {
        gradient(self.all_gradients(), self.last.as_ref(), segment)
    }

    /// Those of the last batch, meaningful only where it reached.
    fn all_gradients(&self) -> &[f32] {
        match self.network.program {
            _ if self.is_joint() => self.joint.parameter_gradient(),
            Some(_) => &self.whole_batch.parameter_gradient,
            None => self.chunks.parameter_gradient(),
        }
    }
}

fn gradient<'a>(all: &'a [f32], last: Option<&Last>, segment: &Segment) -> Option<&'a [f32]> {
    is_reached(last, segment).then(|| &all[segment.range.clone()])
}

fn is_reached(last: Option<&Last>, segment: &Segment) -> bool {
    last.is_some_and(|last| last.reaches(segment))
}

impl Engine for CpuEngine {
    fn gradients(&mut self, allocation: Allocation<'_>, batch: Batch<'_>) -> Result<f64, Error> {
        let last = self.last.get_or_insert_default();
        last.set(false, iter::once(allocation));
        let masks = Some(batch.masks);
        let mut network = self.network.pass(&self.parameters, allocation, masks);
        let transform = (&mut self.transformed, &mut self.threads);
        (self.network).transform(transform, slice::from_mut(&mut network));
        let (threads, segments) = (&mut self.threads, &*self.network.segments);
        Ok(match &self.network.program {
            Some(program) => (self.whole_batch).run(threads, &network, program, segments, &batch),
            None => self.chunks.run(threads, &network, segments, &batch),
        })
    }

    fn joint_gradients(&mut self, batch: JointBatch<'_>) -> Result<Vec<f64>, Error> {
        let last = self.last.get_or_insert_default();
        last.set(true, batch.tasks.iter().map(|task| task.allocation));
        self.whole_batch.forget_waiting();
        let masks = Some(batch.masks);
        let mut networks: Vec<Network<'_>> = (batch.tasks.iter())
            .map(|task| (self.network).pass(&self.parameters, task.allocation, masks))
            .collect();
        let transform = (&mut self.transformed, &mut self.threads);
        self.network.transform(transform, &mut networks);
        let batches = batch.tasks.iter().map(|task| batch.of(task));
        let members = networks.into_iter().zip(batches);
        let joint = Joint {
            plan: &self.network.plan,
            layout: &self.network.layout,
            members: members.collect(),
        };
        let (threads, segments) = (&mut self.threads, &*self.network.segments);
        let inputs = (batch.inputs, batch.len);
        let reaches = |segment: &Segment| last.reaches(segment);
        Ok((self.joint).run(threads, &joint, inputs, segments, reaches))
    }

    fn weight_gradient(&self) -> &[f32] {
        match self.network.program {
            _ if self.is_joint() => &self.joint.weight_gradient,
            Some(_) => &self.whole_batch.weight_gradient,
            None => &self.chunks.weight_gradient,
        }
    }

    fn last_logits(&self) -> &[f32] {
        match self.network.program {
            Some(_) => &self.whole_batch.logits,
            None => &self.chunks.logits,
        }
    }

    fn parameter_gradient(&self) -> Vec<f32> {
        let mut all = vec![0.0; self.parameters.len()];
        for segment in &self.network.segments {
            if let Some(gradient) = self.gradient(segment) {
                all[segment.range.clone()].copy_from_slice(gradient);
            }
        }
        self.whole_batch.write_waiting(&mut all);
        all
    }

    fn gradient_norm_squared(&mut self, l2: f32, extra: Option<&[f32]>) -> f64 {
        self.whole_batch.compute_waiting(&mut self.threads);
        if let Some(extra) = extra {
            return self.norm_squared_with(l2, extra);
        }
        let squares = |segment: &Segment| {
            let values = &self.parameters[segment.range.clone()];
            let l2 = if segment.decayed { l2 } else { 0.0 };
            match self.gradient(segment) {
                Some(gradient) if l2 == 0.0 => sum_of_squares(gradient),
                Some(gradient) => sum_of_squares_of_sum(gradient, l2, values),
                None if l2 == 0.0 => 0.0,
                None => sum_of_squares_of_product(l2, values),
            }
        };
        self.learning_segments().map(squares).sum()
    }

    fn decayed_sum_of_squares(&mut self) -> f64 {
        let decayed = self.network.segments.iter().filter(|s| s.decayed);
        decayed
            .map(|s| sum_of_squares(&self.parameters[s.range.clone()]))
            .sum()
    }

    fn set_rates(&mut self, rates: &[f64]) {
        let network = &mut self.network;
        let plan = &network.plan;
        network.layout = Layout::new(plan, &network.learned, rates, network.convolution);
        if network.program.is_some() {
            network.program = Program::new(plan, &network.layout);
        }
        let products = network.program.as_ref();
        let products = products.map_or(&[][..], |program| &program.parameters);
        network.segments = segments(plan, rates, products);
        if network.dense {
            (network.segments.iter_mut()).for_each(Segment::reach_always);
        }
    }

    fn update(&mut self, update: &Update<'_>) {
        let last = self.last.as_ref();
        let segments = &*self.network.segments;
        let pieces = Pieces::new(&mut self.parameters, &mut self.state);
        let threads = &mut self.threads;
        let is_joint = last.is_some_and(|last| last.is_joint);
        if self.network.program.is_some() && !is_joint {
            let reached = |segment: &Segment| is_reached(last, segment);
            let threads = (threads, &mut self.parts);
            (self.whole_batch).update(threads, update, pieces, segments, reached);
        } else {
            let all = match is_joint {
                true => self.joint.parameter_gradient(),
                false => self.chunks.parameter_gradient(),
            };
            let gradient = |segment: &Segment| gradient(all, last, segment);
            update_segments(threads, update, pieces, segments, gradient);
        }
    }

    fn logits(
        &mut self,
        allocation: Allocation<'_>,
        inputs: &[f32],
        len: usize,
    ) -> Result<Vec<f32>, Error> {
        let mut network = self.network.pass(&self.parameters, allocation, None);
        let transform = (&mut self.transformed, &mut self.threads);
        (self.network).transform(transform, slice::from_mut(&mut network));
        Ok(match &self.network.program {
            Some(program) => {
                (self.evaluation).evaluate(&mut self.threads, &network, program, inputs, len)
            }
            None => (self.evaluators).logits(&mut self.threads, &network, inputs, len),
        })
    }

    fn predict(
        &mut self,
        allocation: Allocation<'_>,
        examples: &Examples,
    ) -> Result<Vec<f32>, Error> {
        let mut network = self.network.pass(&self.parameters, allocation, None);
        let transform = (&mut self.transformed, &mut self.threads);
        (self.network).transform(transform, slice::from_mut(&mut network));
        let threads = &mut self.threads;
        Ok(match &self.network.program {
            Some(program) => (self.evaluation).predict(threads, &network, program, examples),
            None => (self.evaluators).predict(threads, &network, examples),
        })
    }

    fn parameters(&self) -> Vec<f32> {
        self.parameters.clone()
    }

    fn set_parameters(&mut self, parameters: &[f32]) {
        self.parameters.copy_from_slice(parameters);
    }

    fn state(&self) -> State {
        self.state.clone()
    }

    fn set_state(&mut self, state: State) {
        self.state = state;
    }
}

#[cfg(test)]
mod tests;
