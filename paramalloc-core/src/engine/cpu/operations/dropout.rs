//! Dropout.

use super::interface::{Forward, GroupOperation};
use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::pass::Group;
use crate::engine::cpu::places::OperationLayout;
use crate::layers::operation::DropoutOperation;
use crate::network::plan::Operation;
use paramalloc_kernels::{Lane, elementwise};

impl GroupOperation for DropoutOperation {
    /// The mask, with the scale of the values that stay.
    fn kept(&self, operation: &Operation) -> usize {
        operation.output.len()
    }

    fn forward(&self, at: Forward<'_>) {
        match at.pass.masks {
            Some(masks) => {
                let level = at.pass.level;
                let mask = group_mask(&masks[self.index], at.kept.len(), at.group);
                elementwise::interleave(level, mask, at.kept.len(), at.kept);
                scale(at.kept, self.scale);
                elementwise::masked(level, at.x, at.kept, at.y);
            }
            None => at.y.copy_from_slice(at.x),
        }
    }

    fn backward(
        &self,
        down: &mut Down<'_>,
        _: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    ) {
        if down.pass.masks.is_some() {
            let mask = &down.activations[place.kept.clone()];
            elementwise::times(down.pass.level, mask, down.gradient(place));
        }
        down.in_place(place, target);
    }
}

/// A group's part of a mask of this many values per example.
fn group_mask(mask: &[f32], values: usize, group: Group) -> &[f32] {
    &mask[group.first * values..][..group.count * values]
}

fn scale(mask: &mut [Lane], by: f32) {
    for lane in mask {
        lane.0 = lane.0.map(|m| m * by);
    }
}
