//! The chunks of a batch that serves several tasks.

use std::ops::Range;

use super::chunks::{add, chunk_ranges};
use super::groups::groups;
use super::joint::{Joint, JointSums, JointWorkspace};
use super::segments::Segment;
use super::sums::Sums;
use super::threads::Threads;

/// The chunks of the last batch; their memory is kept for the next.
#[derive(Default)]
pub struct JointChunks {
    chunks: Vec<JointSums>,
    workspaces: Vec<JointWorkspace>,
    /// Gradient of the weights of all components, `[members, components]`.
    pub weight_gradient: Vec<f32>,
}

impl JointChunks {
    /// Forward and backward pass of a batch of `len` examples; the loss of each
    /// member. `reached` says which segments they reach.
    pub fn run(
        &mut self,
        threads: &mut Threads,
        joint: &Joint<'_>,
        (inputs, len): (&[f32], usize),
        segments: &[Segment],
        reached: impl Fn(&Segment) -> bool + Sync,
    ) -> Vec<f64> {
        let members = joint.members.len();
        let Some((first, _)) = joint.members.first() else {
            return Vec::new();
        };
        let [parameters, components] =
            [first.pass.parameters, first.pass.weights].map(<[f32]>::len);
        let ranges = chunk_ranges(len);
        let count = ranges.len();
        while self.chunks.len() < count {
            self.chunks.push(JointSums {
                sums: Sums::new(parameters, 0, &[]),
                losses: Vec::new(),
            });
        }
        while self.workspaces.len() < threads.count().min(count) {
            self.workspaces.push(JointWorkspace::new(joint.layout));
        }
        let chunks = &mut self.chunks[..count];
        let segments: Vec<&Segment> = segments.iter().filter(|s| reached(s)).collect();
        threads.for_each(
            &mut self.workspaces,
            chunks.iter_mut().zip(ranges),
            |memory, (chunk, range)| {
                for segment in &segments {
                    chunk.sums.parameters[segment.range.clone()].fill(0.0);
                }
                chunk.sums.weights.clear();
                chunk.sums.weights.resize(members * components, 0.0);
                chunk.losses.clear();
                chunk.losses.resize(members, 0.0);
                chunk.run(joint, memory, inputs, range);
            },
        );
        self.reduce(count, &segments)
    }

    /// Adds what the chunks have summed into the first; the losses.
    fn reduce(&mut self, count: usize, segments: &[&Segment]) -> Vec<f64> {
        let (first, others) = self.chunks[..count].split_first_mut().expect("a chunk");
        for other in &*others {
            for segment in segments {
                let range = segment.range.clone();
                let sum = &mut first.sums.parameters[range.clone()];
                add(sum, &other.sums.parameters[range]);
            }
            add(&mut first.sums.weights, &other.sums.weights);
            let losses = first.losses.iter_mut().zip(&other.losses);
            losses.for_each(|(sum, loss)| *sum += loss);
        }
        self.weight_gradient.clone_from(&first.sums.weights);
        first.losses.clone()
    }

    /// Gradient of all model parameters; meaningful only in segments that the
    /// batch reached.
    pub fn parameter_gradient(&self) -> &[f32] {
        self.chunks.first().map_or(&[], |c| &c.sums.parameters)
    }
}

impl JointSums {
    fn run(
        &mut self,
        joint: &Joint<'_>,
        memory: &mut JointWorkspace,
        inputs: &[f32],
        range: Range<usize>,
    ) {
        let len = joint.plan.input.len();
        for group in groups(range) {
            let inputs = &inputs[group.first * len..][..group.count * len];
            joint.run(memory, self, group, inputs);
        }
    }
}
