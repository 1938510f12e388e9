//! Evaluation: parts of the examples, which threads take one after the other.

use std::ops::Range;

use super::forward::Network;
use super::groups::groups;
use super::threads::Threads;
use super::workspace::Workspace;
use crate::data::Examples;
use crate::engine::Evaluation;
use crate::engine::cpu::kernels::LANES;

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
    /// Mean loss and accuracy over `examples`.
    pub fn run(
        &mut self,
        threads: &mut Threads,
        network: &Network<'_>,
        examples: &Examples,
    ) -> Evaluation {
        let len = examples.len();
        // Each part's sums are kept and added in order.
        let mut sums = vec![Evaluation::default(); len.div_ceil(PART)];
        self.at_least(threads.count().min(sums.len()), network);
        threads.for_each(
            &mut self.0,
            sums.iter_mut().enumerate(),
            |evaluator, (part, sum)| {
                let first = part * PART;
                let range = first..(first + PART).min(len);
                *sum = evaluator.run(network, examples, range);
            },
        );
        let total = |value: fn(&Evaluation) -> f64| sums.iter().map(value).sum::<f64>();
        Evaluation {
            loss: total(|s| s.loss) / len as f64,
            accuracy: total(|s| s.accuracy) / len as f64,
            count: len,
        }
    }

    /// Logits of `len` examples, `[len, outputs]`.
    pub fn logits(&mut self, network: &Network<'_>, inputs: &[f32], len: usize) -> Vec<f32> {
        self.at_least(1, network);
        let ws = &mut self.0[0].workspace;
        let size = network.plan.input.len();
        let mut logits = Vec::new();
        for group in groups(0..len) {
            let inputs = &inputs[group.first * size..][..group.count * size];
            network.run(ws, group, inputs);
            network.append_logits(ws, group, &mut logits);
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
    /// Sums over some examples.
    fn run(
        &mut self,
        network: &Network<'_>,
        examples: &Examples,
        range: Range<usize>,
    ) -> Evaluation {
        let len = network.plan.input.len();
        let mut sum = Evaluation::default();
        for group in groups(range) {
            let inputs = &mut self.inputs[..group.count * len];
            for (i, input) in inputs.chunks_exact_mut(len).enumerate() {
                examples.write_input(group.first + i, None, input);
            }
            let ws = &mut self.workspace;
            network.run(ws, group, inputs);
            let (loss, correct) = network.score(ws, group, examples.targets());
            sum.loss += loss;
            sum.accuracy += correct as f64;
        }
        sum
    }
}
