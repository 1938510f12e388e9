//! The chunks of a training batch, which threads take one after the other.
//! What they add up is added in their order, so that the number of threads
//! changes no bit.

use std::ops::Range;

use super::groups::groups;
use super::pass::Network;
use super::segments::Segment;
use super::sums::Sums;
use super::team::Teams;
use super::threads::Threads;
use super::workspace::Workspace;
use crate::engine::Batch;
use paramalloc_kernels::LANES;

/// Chunks that a batch is cut into at most.
const MAX_CHUNKS: usize = 16;

/// The chunks of the last batch; their memory is kept for the next.
#[derive(Default)]
pub struct Chunks {
    chunks: Vec<Chunk>,
    workspaces: Vec<Workspace>,
    /// The helpers of each chunk.
    teams: Teams,
    /// Logits of the whole batch, `[len, outputs]`.
    pub logits: Vec<f32>,
    /// Gradient of the weights of all components.
    pub weight_gradient: Vec<f32>,
}

/// A part of a batch.
struct Chunk {
    sums: Sums,
    loss: f64,
    logits: Vec<f32>,
}

impl Chunks {
    /// Forward and backward pass of a batch; the mean task loss.
    pub fn run(
        &mut self,
        threads: &mut Threads,
        network: &Network<'_>,
        segments: &[Segment],
        batch: &Batch<'_>,
    ) -> f64 {
        let ranges = chunk_ranges(batch.len);
        let count = ranges.len();
        let [parameters, components] = [network.pass.parameters, network.pass.weights];
        while self.chunks.len() < count {
            self.chunks.push(Chunk {
                sums: Sums::new(parameters.len(), components.len(), &[]),
                loss: 0.0,
                logits: Vec::new(),
            });
        }
        while self.workspaces.len() < threads.count().min(count) {
            self.workspaces.push(Workspace::new(network.layout, true));
        }
        if self
            .teams
            .form(threads.count(), count, network.layout.is_shared)
        {
            for (i, ws) in self.workspaces.iter_mut().enumerate() {
                ws.scratch.borders.team = self.teams.of(i);
            }
        }
        let chunks = &mut self.chunks[..count];
        self.teams.for_each(
            threads,
            &mut self.workspaces,
            chunks.iter_mut().zip(ranges),
            |ws, (chunk, range)| chunk.run(ws, network, segments, batch, range),
        );
        self.logits.clear();
        for chunk in &*chunks {
            self.logits.extend_from_slice(&chunk.logits);
        }
        let loss = chunks.iter().map(|chunk| chunk.loss).sum();
        self.reduce(count, network, segments);
        loss
    }

    /// Adds the chunks' gradients of everything that the batch reached into
    /// the first chunk's.
    fn reduce(&mut self, count: usize, network: &Network<'_>, segments: &[Segment]) {
        let (first, others) = self.chunks[..count].split_first_mut().expect("a chunk");
        for segment in segments {
            if segment.is_reached(network.task, network.pass.weights) {
                let sum = &mut first.sums.parameters[segment.range.clone()];
                for other in &*others {
                    add(sum, &other.sums.parameters[segment.range.clone()]);
                }
            }
        }
        self.weight_gradient.clone_from(&first.sums.weights);
        for other in others {
            add(&mut self.weight_gradient, &other.sums.weights);
        }
    }

    /// Gradient of all model parameters; meaningful only in segments that the
    /// batch reached.
    pub fn parameter_gradient(&self) -> &[f32] {
        self.chunks.first().map_or(&[], |c| &c.sums.parameters)
    }
}

impl Chunk {
    /// Forward and backward pass of the examples `range` of the batch.
    fn run(
        &mut self,
        ws: &mut Workspace,
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
        let len = network.plan.input.len();
        for group in groups(range) {
            let inputs = &batch.inputs[group.first * len..][..group.count * len];
            network.run(ws, group, inputs);
            self.loss += network.loss(&ws.activations, &mut ws.scratch, group, batch);
            network.append_logits(&ws.activations, group, &mut self.logits);
            network.backward(ws, group, &mut self.sums);
        }
    }
}

/// `sum += values`.
pub fn add(sum: &mut [f32], values: &[f32]) {
    sum.iter_mut().zip(values).for_each(|(s, v)| *s += v);
}

/// Examples of each chunk: whole groups, as even as possible.
pub fn chunk_ranges(len: usize) -> impl ExactSizeIterator<Item = Range<usize>> {
    let groups = len.div_ceil(LANES);
    let chunks = groups.min(MAX_CHUNKS);
    (0..chunks).map(move |c| {
        let place = |c: usize| (c * groups / chunks * LANES).min(len);
        place(c)..place(c + 1)
    })
}
