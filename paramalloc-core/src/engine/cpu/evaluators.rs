//! Evaluation: parts of the examples, which threads take one after the other.

use std::ops::Range;

use super::groups::groups;
use super::pass::{Group, Network};
use super::threads::Threads;
use super::workspace::Workspace;
use crate::data::Examples;
use paramalloc_kernels::LANES;

/// Examples that one thread evaluates before it takes more, at most.
const PART: usize = 64;

/// Parts that each thread has, where there are enough examples: with several,
/// none waits long for the last.
const PARTS_PER_THREAD: usize = 4;

/// Examples of a part: whole groups, so that no bit depends on the threads.
fn part_len(examples: usize, threads: usize) -> usize {
    let even = examples.div_ceil(threads * PARTS_PER_THREAD);
    even.next_multiple_of(LANES).clamp(LANES, PART)
}

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
        let size = network.plan.input.len();
        self.run(
            threads,
            network,
            examples.len(),
            |evaluator, range, logits| {
                evaluator.run(network, range, logits, |group, inputs| {
                    for (i, input) in inputs.chunks_exact_mut(size).enumerate() {
                        examples.write_input(group.first + i, None, input);
                    }
                });
            },
        )
    }

    /// Logits of `len` examples, `[len, outputs]`.
    pub fn logits(
        &mut self,
        threads: &mut Threads,
        network: &Network<'_>,
        inputs: &[f32],
        len: usize,
    ) -> Vec<f32> {
        let size = network.plan.input.len();
        self.run(threads, network, len, |evaluator, range, logits| {
            evaluator.run(network, range, logits, |group, values| {
                values.copy_from_slice(&inputs[group.first * size..][..group.count * size]);
            });
        })
    }

    /// Does `work` with each part of `len` examples and its place in the logits.
    fn run(
        &mut self,
        threads: &mut Threads,
        network: &Network<'_>,
        len: usize,
        work: impl Fn(&mut Evaluator, Range<usize>, &mut [f32]) + Sync,
    ) -> Vec<f32> {
        let outputs = network.plan.heads[network.task].values();
        let mut logits = vec![0.0; len * outputs];
        let part_len = part_len(len, threads.count());
        let parts = logits.chunks_mut(part_len * outputs);
        self.at_least(threads.count().min(parts.len()), network);
        threads.for_each(
            &mut self.0,
            parts.enumerate(),
            |evaluator, (part, logits)| {
                let first = part * part_len;
                work(evaluator, first..(first + part_len).min(len), logits);
            },
        );
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
    /// Writes the logits of some examples, whose inputs `fill` writes for a group.
    fn run(
        &mut self,
        network: &Network<'_>,
        range: Range<usize>,
        logits: &mut [f32],
        fill: impl Fn(&Group, &mut [f32]),
    ) {
        let len = network.plan.input.len();
        let outputs = network.plan.heads[network.task].values();
        for (group, logits) in groups(range).zip(logits.chunks_mut(LANES * outputs)) {
            let inputs = &mut self.inputs[..group.count * len];
            fill(&group, inputs);
            let ws = &mut self.workspace;
            network.run(ws, group, inputs);
            network.write_logits(&ws.activations, logits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_examples_keep_all_threads_busy() {
        assert_eq!(part_len(16, 2), 8);
        assert_eq!(part_len(100, 4), 8);
        assert_eq!(part_len(300, 4), 24);
        assert_eq!(part_len(10_000, 2), 64);
        assert_eq!(part_len(0, 2), 8);
    }
}
