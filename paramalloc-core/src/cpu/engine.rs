//! The engine of the CPU: chunks of groups on threads, one meeting per step.

use std::ops::Range;
use std::sync::Arc;

use dfdx::prelude::Cpu;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::backward::Sums;
use super::forward::{Group, Network, Pass};
use super::layout::Layout;
use super::segments::{Segment, segments};
use super::workspace::Workspace;
use crate::adam::{Moments, Update};
use crate::data::Examples;
use crate::engine::{Allocation, Batch, Engine, Evaluation};
use crate::error::Error;
use crate::kernels::{LANES, Level, elementwise};
use crate::plan::Plan;
use crate::sums::sum_of_squares;

/// Chunks that a training batch is cut into at most. Their gradients are
/// added in order, so that the number of threads changes no bit.
const MAX_CHUNKS: usize = 16;

/// Examples that one thread evaluates before it takes more.
const EVALUATION_CHUNK: usize = 512;

/// Trains on the CPU with the kernels of [`crate::kernels`].
pub struct CpuEngine {
    network: Resolved,
    pool: Option<ThreadPool>,
    threads: usize,
    parameters: Vec<f32>,
    moments: Moments,
    chunks: Vec<Chunk>,
    evaluators: Vec<Evaluator>,
    last: Last,
}

/// What stays the same from step to step.
struct Resolved {
    plan: Arc<Plan>,
    layout: Layout,
    segments: Vec<Segment>,
    level: Level,
    device: Cpu,
    dense: bool,
}

impl Resolved {
    fn pass<'a>(
        &'a self,
        parameters: &'a [f32],
        allocation: Allocation<'a>,
        masks: Option<&'a [Vec<f32>]>,
    ) -> Network<'a> {
        Network {
            plan: &self.plan,
            layout: &self.layout,
            task: allocation.task,
            pass: Pass {
                parameters,
                weights: allocation.weights,
                learns: allocation.learns,
                dense: self.dense,
                training: masks.is_some(),
                masks,
                level: self.level,
                device: &self.device,
            },
        }
    }
}

/// What is known of the last batch.
#[derive(Default)]
struct Last {
    task: usize,
    weights: Vec<f32>,
    weight_gradient: Vec<f32>,
    logits: Vec<f32>,
}

/// A part of a training batch.
struct Chunk {
    workspace: Workspace,
    sums: Sums,
    loss: f64,
    logits: Vec<f32>,
}

/// Memory of one evaluating thread.
struct Evaluator {
    workspace: Workspace,
    inputs: Vec<f32>,
}

impl CpuEngine {
    /// An engine at these parameters, with moments of zero. `learned` says
    /// which routed layers have a router that learns
    /// ([`Routers::learned`](crate::routing::Routers::learned)).
    ///
    /// # Errors
    /// If the threads cannot be started.
    pub fn new(
        plan: Arc<Plan>,
        learned: &[bool],
        parameters: Vec<f32>,
        threads: usize,
    ) -> Result<Self, Error> {
        let threads = threads.max(1);
        // The calling thread works too.
        let pool = (threads > 1).then(|| ThreadPoolBuilder::new().num_threads(threads - 1).build());
        let pool = pool.transpose().map_err(|e| {
            Error::new(format!(
                "cannot start {threads} threads: {e}; try fewer `--threads`"
            ))
        })?;
        Ok(Self {
            network: Resolved {
                layout: Layout::new(&plan, learned),
                segments: segments(&plan),
                level: Level::detect(),
                device: Cpu::default(),
                dense: false,
                plan,
            },
            pool,
            threads,
            moments: Moments::zeros(parameters.len()),
            parameters,
            chunks: Vec::new(),
            evaluators: Vec::new(),
            last: Last::default(),
        })
    }

    /// Computes also what is inactive, forward and backward, to show that
    /// leaving it out changes nothing.
    pub fn dense(mut self) -> Self {
        self.network.dense = true;
        (self.network.segments.iter_mut()).for_each(Segment::reach_always);
        self
    }

    /// Uses this instruction set, one of [`Level::available`].
    pub fn with_level(mut self, level: Level) -> Self {
        self.network.level = level;
        self
    }

    /// Adds the chunks' gradients of everything that the batch reached into
    /// the first chunk's.
    fn reduce(&mut self, chunks: usize) {
        let (first, others) = self.chunks[..chunks].split_first_mut().expect("a chunk");
        for segment in &self.network.segments {
            if segment.is_reached(self.last.task, &self.last.weights) {
                let sum = &mut first.sums.parameters[segment.range.clone()];
                for other in &*others {
                    let gradient = &other.sums.parameters[segment.range.clone()];
                    sum.iter_mut().zip(gradient).for_each(|(s, g)| *s += g);
                }
            }
        }
        self.last.weight_gradient.clone_from(&first.sums.weights);
        for other in others {
            let sums = self.last.weight_gradient.iter_mut();
            sums.zip(&other.sums.weights).for_each(|(s, g)| *s += g);
        }
    }

    /// The gradient of a segment in the last batch, if it was reached.
    fn gradient(&self, segment: &Segment) -> Option<&[f32]> {
        let reached = segment.is_reached(self.last.task, &self.last.weights);
        reached.then(|| &self.chunks[0].sums.parameters[segment.range.clone()])
    }
}

impl Chunk {
    fn new(layout: &Layout, parameters: usize, components: usize) -> Self {
        Self {
            workspace: Workspace::new(layout, true),
            sums: Sums {
                parameters: vec![0.0; parameters],
                weights: vec![0.0; components],
            },
            loss: 0.0,
            logits: Vec::new(),
        }
    }

    /// Forward and backward pass of the examples `range` of the batch.
    fn run(
        &mut self,
        network: &Network<'_>,
        segments: &[Segment],
        batch: &Batch<'_>,
        range: Range<usize>,
    ) {
        for segment in segments {
            if segment.is_reached(network.task, network.pass.weights) {
                self.sums.parameters[segment.range.clone()].fill(0.0);
            }
        }
        self.sums.weights.fill(0.0);
        self.logits.clear();
        self.loss = 0.0;
        let level = network.pass.level;
        let len = network.plan.input.len();
        for first in range.clone().step_by(LANES) {
            let group = Group {
                first,
                count: LANES.min(range.end - first),
            };
            let inputs = &batch.inputs[first * len..][..group.count * len];
            let place = network.layout.input.clone();
            let ws = &mut self.workspace;
            elementwise::interleave(level, inputs, len, &mut ws.activations[place]);
            network.forward(ws, group);
            self.loss += network.loss(ws, group, batch.targets, batch.len);
            append_logits(network, ws, group, &mut self.logits);
            network.backward(ws, group, &mut self.sums);
        }
    }
}

fn append_logits(network: &Network<'_>, ws: &Workspace, group: Group, logits: &mut Vec<f32>) {
    let place = network.layout.heads[network.task].output.clone();
    let start = logits.len();
    logits.resize(start + group.count * place.len(), 0.0);
    let level = network.pass.level;
    elementwise::deinterleave(level, &ws.activations[place], &mut logits[start..]);
}

/// Examples of each chunk: whole groups, as even as possible.
fn chunk_ranges(len: usize) -> impl Iterator<Item = Range<usize>> {
    let groups = len.div_ceil(LANES);
    let chunks = groups.min(MAX_CHUNKS);
    (0..chunks).map(move |c| {
        let place = |c: usize| (c * groups / chunks * LANES).min(len);
        place(c)..place(c + 1)
    })
}

impl Engine for CpuEngine {
    fn gradients(&mut self, allocation: Allocation<'_>, batch: Batch<'_>) -> Result<f64, Error> {
        let chunks = chunk_ranges(batch.len).count();
        while self.chunks.len() < chunks {
            let (parameters, components) = (self.parameters.len(), allocation.weights.len());
            self.chunks
                .push(Chunk::new(&self.network.layout, parameters, components));
        }
        let network = self
            .network
            .pass(&self.parameters, allocation, Some(batch.masks));
        let segments = &self.network.segments;
        let mut work = self.chunks.iter_mut().zip(chunk_ranges(batch.len));
        match &self.pool {
            Some(pool) if chunks > 1 => pool.in_place_scope(|scope| {
                let own = work.next();
                let (network, batch) = (&network, &batch);
                for (chunk, range) in work {
                    scope.spawn(move |_| chunk.run(network, segments, batch, range));
                }
                if let Some((chunk, range)) = own {
                    chunk.run(network, segments, batch, range);
                }
            }),
            _ => work.for_each(|(chunk, range)| chunk.run(&network, segments, &batch, range)),
        }
        self.last.task = allocation.task;
        self.last.weights.clear();
        self.last.weights.extend_from_slice(allocation.weights);
        self.last.logits.clear();
        for chunk in &self.chunks[..chunks] {
            self.last.logits.extend_from_slice(&chunk.logits);
        }
        self.reduce(chunks);
        Ok(self.chunks[..chunks].iter().map(|c| c.loss).sum())
    }

    fn weight_gradient(&self) -> &[f32] {
        &self.last.weight_gradient
    }

    fn last_logits(&self) -> &[f32] {
        &self.last.logits
    }

    fn parameter_gradient(&self) -> Vec<f32> {
        let mut all = vec![0.0; self.parameters.len()];
        for segment in &self.network.segments {
            if let Some(gradient) = self.gradient(segment) {
                all[segment.range.clone()].copy_from_slice(gradient);
            }
        }
        all
    }

    fn gradient_norm_squared(&mut self, l2: f32) -> f64 {
        let mut all = self.parameter_gradient();
        for segment in self.network.segments.iter().filter(|s| s.decayed) {
            let values = &self.parameters[segment.range.clone()];
            let gradient = &mut all[segment.range.clone()];
            gradient
                .iter_mut()
                .zip(values)
                .for_each(|(g, v)| *g += l2 * v);
        }
        sum_of_squares(&all)
    }

    fn decayed_sum_of_squares(&mut self) -> f64 {
        let decayed = self.network.segments.iter().filter(|s| s.decayed);
        decayed
            .map(|s| sum_of_squares(&self.parameters[s.range.clone()]))
            .sum()
    }

    fn update(&mut self, update: Update, l2: f32) {
        for segment in &self.network.segments {
            let range = segment.range.clone();
            let reached = segment.is_reached(self.last.task, &self.last.weights);
            update.apply(
                &mut self.parameters[range.clone()],
                &mut self.moments.m[range.clone()],
                &mut self.moments.v[range.clone()],
                reached.then(|| &self.chunks[0].sums.parameters[range]),
                if segment.decayed { l2 } else { 0.0 },
            );
        }
    }

    fn logits(
        &mut self,
        allocation: Allocation<'_>,
        inputs: &[f32],
        len: usize,
    ) -> Result<Vec<f32>, Error> {
        let network = self.network.pass(&self.parameters, allocation, None);
        let size = network.plan.input.len();
        let mut ws = Workspace::new(network.layout, false);
        let mut logits = Vec::new();
        for first in (0..len).step_by(LANES) {
            let group = Group {
                first,
                count: LANES.min(len - first),
            };
            let inputs = &inputs[first * size..][..group.count * size];
            let place = network.layout.input.clone();
            elementwise::interleave(network.pass.level, inputs, size, &mut ws.activations[place]);
            network.forward(&mut ws, group);
            append_logits(&network, &ws, group, &mut logits);
        }
        Ok(logits)
    }

    fn evaluate(
        &mut self,
        allocation: Allocation<'_>,
        examples: &dyn Examples,
    ) -> Result<Evaluation, Error> {
        let network = self.network.pass(&self.parameters, allocation, None);
        while self.evaluators.len() < self.threads {
            self.evaluators.push(Evaluator {
                workspace: Workspace::new(network.layout, false),
                inputs: vec![0.0; LANES * network.plan.input.len()],
            });
        }
        let len = examples.len();
        // Each chunk's sums are kept and added in order.
        let mut sums = vec![Evaluation::default(); len.div_ceil(EVALUATION_CHUNK)];
        let share = sums.len().div_ceil(self.threads).max(1);
        let mut work = (self.evaluators.iter_mut()).zip(sums.chunks_mut(share).enumerate());
        let run = |evaluator: &mut Evaluator, (part, sums): (usize, &mut [Evaluation])| {
            for (i, sum) in sums.iter_mut().enumerate() {
                let first = (part * share + i) * EVALUATION_CHUNK;
                let range = first..(first + EVALUATION_CHUNK).min(len);
                *sum = evaluator.run(&network, examples, range);
            }
        };
        match &self.pool {
            Some(pool) => pool.in_place_scope(|scope| {
                let own = work.next();
                let run = &run;
                for (evaluator, part) in work {
                    scope.spawn(move |_| run(evaluator, part));
                }
                if let Some((evaluator, part)) = own {
                    run(evaluator, part);
                }
            }),
            None => work.for_each(|(evaluator, part)| run(evaluator, part)),
        }
        let total = |value: fn(&Evaluation) -> f64| sums.iter().map(value).sum::<f64>();
        Ok(Evaluation {
            loss: total(|s| s.loss) / len as f64,
            accuracy: total(|s| s.accuracy) / len as f64,
            count: len,
        })
    }

    fn state(&self) -> [Vec<f32>; 3] {
        [&self.parameters, &self.moments.m, &self.moments.v].map(Vec::clone)
    }

    fn load(&mut self, [parameters, m, v]: [&[f32]; 3]) {
        self.parameters.copy_from_slice(parameters);
        self.moments.m.copy_from_slice(m);
        self.moments.v.copy_from_slice(v);
    }
}

impl Evaluator {
    /// Sums over some examples.
    fn run(
        &mut self,
        network: &Network<'_>,
        examples: &dyn Examples,
        range: Range<usize>,
    ) -> Evaluation {
        let len = network.plan.input.len();
        let mut sum = Evaluation::default();
        for first in range.clone().step_by(LANES) {
            let group = Group {
                first,
                count: LANES.min(range.end - first),
            };
            for (i, input) in self
                .inputs
                .chunks_exact_mut(len)
                .take(group.count)
                .enumerate()
            {
                examples.write_input(first + i, None, input);
            }
            let inputs = &self.inputs[..group.count * len];
            let ws = &mut self.workspace;
            let place = network.layout.input.clone();
            elementwise::interleave(network.pass.level, inputs, len, &mut ws.activations[place]);
            network.forward(ws, group);
            let (loss, correct) = network.score(ws, group, examples.targets());
            sum.loss += loss;
            sum.accuracy += correct as f64;
        }
        sum
    }
}
