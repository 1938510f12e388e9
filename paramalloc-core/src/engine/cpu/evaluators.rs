//! Evaluation: parts of the examples, which threads take one after the other.

use std::ops::Range;

use super::groups::groups;
use super::pass::Network;
use super::threads::Threads;
use super::workspace::Workspace;
use crate::data::Examples;
use paramalloc_kernels::LANES;

/// Examples that one thread evaluates before it takes more: few enough that a
/// split of a few hundred examples keeps several threads busy.
const PART: usize = 64;

/// Memory of the evaluating threads.
#[derive(Default)]
pub struct Evaluators(Vec<Evaluator>);

struct Evaluator {
    workspace: Workspace,
    inputs: Vec<f32>,
}

impl Evaluators {
    /// Logits of `examples`, `[examples, outputs]`.
    pub fn predict(
        &mut self,
        threads: &mut Threads,
        network: &Network<'_>,
        examples: &Examples,
    ) -> Vec<f32> {
        let len = examples.len();
        let outputs = network.plan.heads[network.task].values();
        let mut logits = vec![0.0; len * outputs];
        let parts = logits.chunks_mut(PART * outputs);
        self.at_least(threads.count().min(parts.len()), network);
        threads.for_each(
            &mut self.0,
            parts.enumerate(),
            |evaluator, (part, logits)| {
                let first = part * PART;
                let range = first..(first + PART).min(len);
                evaluator.run(network, examples, range, logits);
            },
        );
        logits
    }

    /// Logits of `len` examples, `[len, outputs]`.
    pub fn logits(&mut self, network: &Network<'_>, inputs: &[f32], len: usize) -> Vec<f32> {
        self.at_least(1, network);
        let ws = &mut self.0[0].workspace;
        let size = network.plan.input.len();
        let outputs = network.plan.heads[network.task].values();
        let mut logits = vec![0.0; len * outputs];
        for (group, logits) in groups(0..len).zip(logits.chunks_mut(LANES * outputs)) {
            let inputs = &inputs[group.first * size..][..group.count * size];
            network.run(ws, group, inputs);
            network.write_logits(&ws.activations, logits);
        }
        logits
    }

    fn at_least(&mut self, count: usize, network: &Network<'_>) {
        while self.0.len() < count {
            self.0.push(Evaluator {
                workspace: Workspace::new(network.layout, false),
                inputs: vec![0.0; LANES * network.plan.input.len()],
            });
        }
    }
}

impl Evaluator {
    /// Writes the logits of some examples.
    fn run(
        &mut self,
        network: &Network<'_>,
        examples: &Examples,
        range: Range<usize>,
        logits: &mut [f32],
    ) {
        let len = network.plan.input.len();
        let outputs = network.plan.heads[network.task].values();
        for (group, logits) in groups(range).zip(logits.chunks_mut(LANES * outputs)) {
            let inputs = &mut self.inputs[..group.count * len];
            for (i, input) in inputs.chunks_exact_mut(len).enumerate() {
                examples.write_input(group.first + i, None, input);
            }
            let ws = &mut self.workspace;
            network.run(ws, group, inputs);
            network.write_logits(&ws.activations, logits);
        }
    }
}
