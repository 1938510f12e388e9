//! Evaluation by the schedules of training: the forward pass over large parts
//! of the examples.

use super::WholeBatch;
use crate::data::{Examples, Targets};
use crate::engine::Batch;
use crate::engine::cpu::pass::Network;
use crate::engine::cpu::program::Program;
use crate::engine::cpu::threads::Threads;

/// Examples that pass together: enough that reading the weights costs little
/// beside the products.
const PART: usize = 256;

impl WholeBatch {
    /// Logits of `examples`, `[examples, outputs]`.
    pub fn predict(
        &mut self,
        threads: &mut Threads,
        network: &Network<'_>,
        program: &Program,
        examples: &Examples,
    ) -> Vec<f32> {
        let (len, size) = (examples.len(), network.plan.input.len());
        let mut logits = Vec::with_capacity(len * network.plan.heads[network.task].values());
        let mut inputs = vec![0.0; PART.min(len) * size];
        for first in (0..len).step_by(PART) {
            let count = PART.min(len - first);
            for (i, input) in inputs.chunks_exact_mut(size).take(count).enumerate() {
                examples.write_input(first + i, None, input);
            }
            let inputs = &inputs[..count * size];
            self.append_logits(threads, network, program, inputs, count, &mut logits);
        }
        logits
    }

    /// Logits of `len` examples, `[len, outputs]`.
    pub fn evaluate(
        &mut self,
        threads: &mut Threads,
        network: &Network<'_>,
        program: &Program,
        inputs: &[f32],
        len: usize,
    ) -> Vec<f32> {
        let mut logits = Vec::new();
        let size = network.plan.input.len();
        for first in (0..len).step_by(PART) {
            let count = PART.min(len - first);
            let inputs = &inputs[first * size..][..count * size];
            self.append_logits(threads, network, program, inputs, count, &mut logits);
        }
        logits
    }

    fn append_logits(
        &mut self,
        threads: &mut Threads,
        network: &Network<'_>,
        program: &Program,
        inputs: &[f32],
        len: usize,
        logits: &mut Vec<f32>,
    ) {
        let batch = Batch {
            len,
            inputs,
            targets: Targets::Values(&[]).into(),
            total_weight: 0.0,
            masks: &[],
        };
        let run = self.prepare(threads, network, program, &batch, false);
        self.forward(threads, &run);
        let is_product = program.heads[network.task].is_some();
        self.each_chunk(threads, &run, |worker, rows| {
            rows.chunk.logits.clear();
            rows.each_group(&run, |chunk, group, x, _| {
                if !is_product {
                    network.head(x, &mut worker.scratch.borders, group);
                }
                network.append_logits(x, group, &mut chunk.logits);
            });
        });
        for chunk in &self.chunks {
            logits.extend_from_slice(&chunk.logits);
        }
    }
}
