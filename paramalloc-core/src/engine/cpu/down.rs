//! The way down through the operations of one group: what each of them has.

use super::pass::{Group, Pass};
use super::places::OperationLayout;
use super::sums::Sums;
use super::workspace::{Borders, Gradients, Scratch};
use paramalloc_kernels::{Lane, elementwise};

/// Where the gradient of an operation's input goes.
#[derive(Clone, Copy, PartialEq)]
pub enum Target {
    /// Added to the gradient of the field's input, which several components
    /// share.
    Field,
    /// In the place of the gradient of the output, for the next operation down
    /// the stack, or at its end the field's input.
    Stack,
}

/// The way down through the operations of one group.
pub struct Down<'a> {
    /// What all groups share.
    pub pass: &'a Pass<'a>,
    /// The examples.
    pub group: Group,
    /// All activations of the group.
    pub activations: &'a [Lane],
    /// Inputs and gradients with borders.
    pub borders: &'a mut Borders,
    /// Gradients on their way.
    pub gradients: &'a mut Gradients,
    /// Gradients of the parameters, which groups add up.
    pub sums: &'a mut Sums,
}

impl<'a> Down<'a> {
    /// At the end of the forward pass.
    pub fn new(
        pass: &'a Pass<'a>,
        group: Group,
        activations: &'a [Lane],
        scratch: &'a mut Scratch,
        sums: &'a mut Sums,
    ) -> Self {
        scratch.borders.forget();
        Self {
            pass,
            group,
            activations,
            borders: &mut scratch.borders,
            gradients: &mut scratch.gradients,
            sums,
        }
    }

    /// The gradient of an operation's output.
    pub fn gradient(&mut self, place: &OperationLayout) -> &mut [Lane] {
        &mut self.gradients.stack[..place.output.len()]
    }

    /// An operation turned the gradient of its output into that of its input
    /// where it lies.
    pub fn in_place(&mut self, place: &OperationLayout, target: Option<Target>) {
        if target == Some(Target::Field) {
            self.add_to_field(place.input.len());
        }
    }

    /// An operation writes the gradient of its input elsewhere: `add` adds it
    /// to its last argument. It is given all activations, the borders and the
    /// gradient of the output, and is not called where no gradient is wanted.
    pub fn elsewhere(
        &mut self,
        place: &OperationLayout,
        target: Option<Target>,
        add: impl FnOnce(&[Lane], &mut Borders, &[Lane], &mut [Lane]),
    ) {
        let Gradients {
            input, stack, next, ..
        } = &mut *self.gradients;
        let gradient = &stack[..place.output.len()];
        let out = match target {
            None => return,
            Some(Target::Field) => &mut input[..place.input.len()],
            Some(Target::Stack) => {
                let out = &mut next[..place.input.len()];
                out.fill(Lane::ZERO);
                out
            }
        };
        add(self.activations, self.borders, gradient, out);
        if target == Some(Target::Stack) {
            std::mem::swap(stack, next);
        }
    }

    /// Keeps what the end of a residual gives its input: `write` writes it, from
    /// the gradient of the output.
    pub fn keep_skip(
        &mut self,
        place: &OperationLayout,
        write: impl FnOnce(&mut Borders, &[Lane], &mut [Lane]),
    ) {
        let Gradients {
            stack, skips, kept, ..
        } = &mut *self.gradients;
        let out = &mut skips[*kept][..place.skip.len()];
        write(self.borders, &stack[..place.output.len()], out);
        *kept += 1;
    }

    /// Adds what the innermost residual has kept to the gradient of its input.
    pub fn add_skip(&mut self, len: usize, target: Option<Target>) {
        let Gradients {
            input,
            stack,
            skips,
            kept,
            ..
        } = &mut *self.gradients;
        *kept -= 1;
        let skip = &skips[*kept][..len];
        let level = self.pass.level;
        match target {
            None => {}
            Some(Target::Field) => elementwise::add(level, skip, &mut input[..len]),
            Some(Target::Stack) => elementwise::add(level, skip, &mut stack[..len]),
        }
    }

    /// Adds the gradient in `gradients.stack` to that of the field's input.
    pub fn add_to_field(&mut self, len: usize) {
        let Gradients { input, stack, .. } = &mut *self.gradients;
        elementwise::add(self.pass.level, &stack[..len], &mut input[..len]);
    }
}
