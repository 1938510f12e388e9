//! What training and evaluation do alike with a group of examples.

use std::ops::Range;

use super::pass::{Group, Network};
use super::workspace::Workspace;
use paramalloc_kernels::{LANES, Lane, elementwise};

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
        self.set_inputs(&mut ws.activations, inputs);
        self.forward(ws, group);
    }

    /// Puts the inputs of a group's examples in their place.
    pub fn set_inputs(&self, activations: &mut [Lane], inputs: &[f32]) {
        let (place, len) = (self.layout.input.clone(), self.plan.input.len());
        elementwise::interleave(self.pass.level, inputs, len, &mut activations[place]);
    }

    /// Writes the logits of a group, example by example, of each pixel by pixel.
    pub fn write_logits(&self, activations: &[Lane], logits: &mut [f32]) {
        let y = &activations[self.layout.heads[self.task].output.clone()];
        let head = &self.plan.heads[self.task];
        if head.pixels == 1 || head.outputs == 1 {
            return elementwise::deinterleave(self.pass.level, y, logits);
        }
        for (image, logits) in logits.chunks_exact_mut(head.values()).enumerate() {
            for (pixel, logits) in logits.chunks_exact_mut(head.outputs).enumerate() {
                for (output, logit) in logits.iter_mut().enumerate() {
                    *logit = y[output * head.pixels + pixel].0[image];
                }
            }
        }
    }

    /// Appends the logits of a group, example by example.
    pub fn append_logits(&self, activations: &[Lane], group: Group, logits: &mut Vec<f32>) {
        let start = logits.len();
        let values = self.plan.heads[self.task].values();
        logits.resize(start + group.count * values, 0.0);
        self.write_logits(activations, &mut logits[start..]);
    }
}
