//! A task step of a network with products over the whole batch. Threads meet
//! after each step of its [`Program`]; who computes what changes no bit: each
//! sum runs in one thread, and what chunks of groups add up is added in their
//! order.

mod evaluation;
mod products;
mod weights;

use std::ops::Range;

use super::chunks::{add, chunk_ranges};
use super::groups::groups;
use super::items::GroupGradient;
use super::pass::{Group, Network};
use super::program::{Program, Step};
use super::segments::Segment;
use super::sums::Sums;
use super::team::Teams;
use super::threads::Threads;
use super::workspace::Scratch;
use crate::engine::Batch;
use paramalloc_kernels::{LANES, Lane, Level, pages};
use weights::Waiting;

/// Memory of a whole batch, kept for the next.
pub struct WholeBatch {
    /// Activations, a row per group.
    activations: Vec<Lane>,
    /// Their gradients from `first_gradient` on, a row per group.
    gradients: Vec<Lane>,
    first_gradient: usize,
    /// Inputs of products, image by image.
    turned: Vec<Lane>,
    turned_len: usize,
    /// Gradients of weights that are not computed yet, in order.
    waiting: Vec<Waiting>,
    /// What they are computed from, besides.
    level: Level,
    images: usize,
    groups: usize,
    gradient_stride: usize,
    chunks: Vec<Chunk>,
    workers: Vec<Worker>,
    /// The helpers of each chunk.
    teams: Teams,
    /// Gradient of all model parameters; meaningful only in segments that the
    /// batch reached, without what is waiting.
    pub parameter_gradient: Vec<f32>,
    /// Logits of the whole batch, `[len, outputs]`.
    pub logits: Vec<f32>,
    /// Gradient of the weights of all components.
    pub weight_gradient: Vec<f32>,
}

/// Memory of one thread.
#[derive(Default)]
struct Worker {
    scratch: Scratch,
    /// Weights of a part of a layer.
    weights: Vec<f32>,
}

/// Groups that one thread takes together.
struct Chunk {
    sums: Sums,
    loss: f64,
    logits: Vec<f32>,
}

/// A chunk at work: its groups with their rows.
struct Rows<'a> {
    chunk: &'a mut Chunk,
    examples: Range<usize>,
    activations: &'a mut [Lane],
    gradients: &'a mut [Lane],
}

/// What stays the same during a step.
struct Run<'a> {
    network: &'a Network<'a>,
    program: &'a Program,
    batch: &'a Batch<'a>,
    /// Groups of the batch.
    groups: usize,
    /// Lanes from a group's activations to the next one's, and the same for
    /// gradients.
    strides: [usize; 2],
    first_gradient: usize,
}

/// Lanes from one group to the next: an odd number of cache lines, because
/// rows that lie a multiple of 4 KiB apart compete for the same places of the
/// cache.
fn stride(len: usize) -> usize {
    len.next_multiple_of(2)
        + if len.div_ceil(2).is_multiple_of(2) {
            2
        } else {
            0
        }
}

impl WholeBatch {
    /// Before the first batch.
    pub fn new(level: Level) -> Self {
        Self {
            level,
            activations: Vec::new(),
            gradients: Vec::new(),
            first_gradient: 0,
            turned: Vec::new(),
            turned_len: 0,
            waiting: Vec::new(),
            images: 0,
            groups: 0,
            gradient_stride: 0,
            chunks: Vec::new(),
            workers: Vec::new(),
            teams: Teams::default(),
            parameter_gradient: Vec::new(),
            logits: Vec::new(),
            weight_gradient: Vec::new(),
        }
    }

    /// Forward and backward pass of a batch; the mean task loss.
    pub fn run(
        &mut self,
        threads: &mut Threads,
        network: &Network<'_>,
        program: &Program,
        segments: &[Segment],
        batch: &Batch<'_>,
    ) -> f64 {
        let run = self.prepare(threads, network, program, batch, true);
        self.forward(threads, &run);
        self.backward(threads, &run);
        self.waiting.sort_by_key(|waiting| waiting.weights.start);
        self.collect(&run, segments);
        self.chunks.iter().map(|chunk| chunk.loss).sum()
    }

    fn prepare<'a>(
        &mut self,
        threads: &Threads,
        network: &'a Network<'a>,
        program: &'a Program,
        batch: &'a Batch<'a>,
        backward: bool,
    ) -> Run<'a> {
        let layout = network.layout;
        let groups = batch.len.div_ceil(LANES);
        self.first_gradient = match layout.fields.get(program.first) {
            Some(field) if field.wants_input_gradient => field.input.start,
            Some(field) => field.input.end,
            None => layout.heads[0].input.start,
        };
        let places = layout.sizes.activations;
        let gradients = if backward {
            places - self.first_gradient
        } else {
            0
        };
        let strides = [stride(places), stride(gradients)];
        let grow = |lanes: &mut Vec<Lane>, len: usize| {
            if lanes.len() < len {
                *lanes = pages::zeros(len);
            }
        };
        grow(&mut self.activations, groups * strides[0]);
        grow(&mut self.gradients, groups * strides[1]);
        let [parameters, components] = [network.pass.parameters.len(), network.pass.weights.len()];
        if backward && self.parameter_gradient.is_empty() {
            // Memory that is never written is none.
            self.parameter_gradient = vec![0.0; parameters];
        }
        self.waiting.clear();
        self.turned_len = 0;
        if network.pass.dense {
            // Also what has no backward pass, as other tasks' heads, is read.
            self.parameter_gradient.fill(0.0);
        }
        (self.level, self.images, self.groups) = (network.pass.level, batch.len, groups);
        self.gradient_stride = strides[1];
        let chunks = chunk_ranges(batch.len).len();
        self.chunks.truncate(chunks);
        while self.chunks.len() < chunks {
            self.chunks.push(Chunk {
                sums: Sums::new(parameters, components, &program.parameters),
                loss: 0.0,
                logits: Vec::new(),
            });
        }
        while self.workers.len() < threads.count() {
            let scratch = Scratch::new(&layout.sizes, backward);
            let weights = Vec::new();
            self.workers.push(Worker { scratch, weights });
        }
        if self.teams.form(threads.count(), chunks, layout.is_shared) {
            for (i, worker) in self.workers.iter_mut().enumerate() {
                worker.scratch.borders.team = self.teams.of(i);
            }
        }
        Run {
            network,
            program,
            batch,
            groups,
            strides,
            first_gradient: self.first_gradient,
        }
    }

    fn forward(&mut self, threads: &mut Threads, run: &Run<'_>) {
        let network = run.network;
        let len = network.plan.input.len();
        self.each_chunk(threads, run, |worker, rows| {
            rows.chunk.sums.parameters.fill(0.0);
            rows.chunk.sums.weights.fill(0.0);
            rows.each_group(run, |_, group, x, _| {
                let inputs = &run.batch.inputs[group.first * len..][..group.count * len];
                network.set_inputs(x, inputs);
                let fields = network.plan.fields.iter().zip(&network.layout.fields);
                for (field, layout) in fields.take(run.program.first) {
                    let borders = &mut worker.scratch.borders;
                    network.pass.field(field, layout, x, borders, group);
                }
            });
        });
        for step in run.program.steps(network.task) {
            match step {
                Step::Groups(items) => self.each_chunk(threads, run, |worker, rows| {
                    rows.each_group(run, |_, group, x, _| {
                        for item in items {
                            network.item(item, x, &mut worker.scratch, group);
                        }
                    });
                }),
                Step::Products(products) => self.products(threads, run, products),
            }
        }
        if let Some(products) = &run.program.heads[network.task] {
            self.products(threads, run, products);
        }
    }

    fn backward(&mut self, threads: &mut Threads, run: &Run<'_>) {
        self.head(threads, run);
        if let Some(products) = &run.program.heads[run.network.task] {
            self.products_backward(threads, run, products);
        }
        let network = run.network;
        if network.layout.wants_features_gradient {
            for step in run.program.steps(network.task).rev() {
                match step {
                    Step::Groups(items) => self.each_chunk(threads, run, |worker, rows| {
                        rows.each_group(run, |chunk, group, x, mut gradient| {
                            for item in items.iter().rev() {
                                let (scratch, sums) = (&mut worker.scratch, &mut chunk.sums);
                                network.item_backward(item, x, &mut gradient, scratch, group, sums);
                            }
                        });
                    }),
                    Step::Products(products) => self.products_backward(threads, run, products),
                }
            }
        }
        let first = run.program.first;
        if first > 0 && network.layout.wants_gradient_into(first) {
            self.each_chunk(threads, run, |worker, rows| {
                rows.each_group(run, |chunk, group, x, gradient| {
                    let len = network.layout.fields[first - 1].output.len();
                    let to = &mut worker.scratch.gradients.input[..len];
                    to.copy_from_slice(&gradient.values[..len]);
                    let (scratch, sums) = (&mut worker.scratch, &mut chunk.sums);
                    network.fields_backward(first, x, scratch, group, sums);
                });
            });
        }
    }

    /// The head, if it is no product, the loss, and the way back through the
    /// head.
    fn head(&mut self, threads: &mut Threads, run: &Run<'_>) {
        let network = run.network;
        let place = &network.layout.heads[network.task];
        let is_product = run.program.heads[network.task].is_some();
        let wanted = network.layout.wants_features_gradient;
        self.each_chunk(threads, run, |worker, rows| {
            rows.chunk.loss = 0.0;
            rows.chunk.logits.clear();
            rows.each_group(run, |chunk, group, x, mut gradient| {
                let scratch = &mut worker.scratch;
                if !is_product {
                    network.head(x, &mut scratch.borders, group);
                }
                chunk.loss += network.loss(x, scratch, group, run.batch);
                network.append_logits(x, group, &mut chunk.logits);
                if is_product {
                    let outputs = place.output.len();
                    gradient
                        .at(&place.output)
                        .copy_from_slice(&scratch.gradients.stack[..outputs]);
                    if wanted {
                        gradient.at(&place.input).fill(Lane::ZERO);
                    }
                } else {
                    network.head_backward(x, scratch, group, &mut chunk.sums);
                    if wanted {
                        let features = &scratch.gradients.stack[..place.input.len()];
                        gradient.at(&place.input).copy_from_slice(features);
                    }
                }
            });
        });
    }

    /// Adds what the chunks have summed.
    fn collect(&mut self, run: &Run<'_>, segments: &[Segment]) {
        let (network, program) = (run.network, run.program);
        self.logits.clear();
        for chunk in &self.chunks {
            self.logits.extend_from_slice(&chunk.logits);
        }
        let products = &program.parameters;
        let summed = |segment: &&Segment| {
            let place = segment.range.start;
            let product = products.iter().any(|p| p.contains(&place));
            !product && segment.is_reached(network.task, network.pass.weights)
        };
        for segment in segments.iter().filter(summed) {
            let sum = &mut self.parameter_gradient[segment.range.clone()];
            sum.copy_from_slice(self.chunks[0].sums.get(&segment.range));
            for chunk in &self.chunks[1..] {
                add(sum, chunk.sums.get(&segment.range));
            }
        }
        self.weight_gradient
            .clone_from(&self.chunks[0].sums.weights);
        for chunk in &self.chunks[1..] {
            add(&mut self.weight_gradient, &chunk.sums.weights);
        }
    }

    /// Does `work` with each chunk.
    fn each_chunk(
        &mut self,
        threads: &mut Threads,
        run: &Run<'_>,
        work: impl Fn(&mut Worker, &mut Rows<'_>) + Sync,
    ) {
        let mut activations = &mut *self.activations;
        let mut gradients = &mut *self.gradients;
        let chunks: Vec<Rows<'_>> = (self.chunks.iter_mut().zip(chunk_ranges(run.batch.len)))
            .map(|(chunk, examples)| {
                let groups = examples.len().div_ceil(LANES);
                Rows {
                    chunk,
                    examples,
                    activations: cut(&mut activations, groups * run.strides[0]),
                    gradients: cut(&mut gradients, groups * run.strides[1]),
                }
            })
            .collect();
        let (teams, workers) = (&self.teams, &mut self.workers);
        teams.for_each(threads, workers, chunks.into_iter(), |worker, mut rows| {
            work(worker, &mut rows);
        });
    }
}

impl Rows<'_> {
    /// Does `work` with each group of the chunk, its activations and their
    /// gradient.
    fn each_group(
        &mut self,
        run: &Run<'_>,
        mut work: impl FnMut(&mut Chunk, Group, &mut [Lane], GroupGradient<'_>),
    ) {
        let [activations, gradients] = run.strides;
        let x = self.activations.chunks_exact_mut(activations);
        let gradients = self.gradients.chunks_exact_mut(gradients);
        for ((group, x), values) in groups(self.examples.clone()).zip(x).zip(gradients) {
            let first = run.first_gradient;
            work(self.chunk, group, x, GroupGradient { first, values });
        }
    }
}

/// Takes the first `len` values off.
fn cut<'a, T>(rest: &mut &'a mut [T], len: usize) -> &'a mut [T] {
    let (part, others) = std::mem::take(rest).split_at_mut(len);
    *rest = others;
    part
}

#[cfg(test)]
mod tests;
