//! What training and evaluation do alike with a group of examples.

use std::ops::Range;

use super::forward::{Group, Network};
use super::workspace::Workspace;
use crate::engine::cpu::kernels::{LANES, elementwise};

/// The groups of these examples; only the last one may be smaller.
pub fn groups(examples: Range<usize>) -> impl Iterator<Item = Group> {
    examples.clone().step_by(LANES).map(move |first| Group {
        first,
        count: LANES.min(examples.end - first),
    })
}

impl Network<'_> {
    /// The forward pass of a group; `inputs` are those of its examples.
    pub fn run(&self, ws: &mut Workspace, group: Group, inputs: &[f32]) {
        let place = self.layout.input.clone();
        let len = self.plan.input.len();
        let x = &mut ws.activations[place];
        elementwise::interleave(self.pass.level, inputs, len, x);
        self.forward(ws, group);
    }

    /// Writes the logits of a group, example by example.
    pub fn write_logits(&self, ws: &Workspace, logits: &mut [f32]) {
        let y = &ws.activations[self.layout.heads[self.task].output.clone()];
        elementwise::deinterleave(self.pass.level, y, logits);
    }

    /// Appends the logits of a group, example by example.
    pub fn append_logits(&self, ws: &Workspace, group: Group, logits: &mut Vec<f32>) {
        let start = logits.len();
        let outputs = self.plan.heads[self.task].outputs;
        logits.resize(start + group.count * outputs, 0.0);
        self.write_logits(ws, &mut logits[start..]);
    }
}
