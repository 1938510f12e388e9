//! One field as one operation on a dfdx tape, with the kernels of the CPU.

use std::sync::Arc;

use dfdx::prelude::{Cpu, HasShape, PutTape, Shape, SplitTape, Tape, Tensor, TensorFromVec};

use crate::engine::cpu::pass::{Group, Pass};
use crate::engine::cpu::places::{FieldLayout, Sizes};
use crate::engine::cpu::sums::Sums;
use crate::engine::cpu::workspace::Workspace;
use crate::engine::tape::field_pass::FieldPass;
use crate::network::plan::FieldPlan;
use paramalloc_kernels::{LANES, Level, elementwise};

/// What the backward pass needs again.
struct Field {
    plan: Arc<FieldPlan>,
    task: usize,
    layout: FieldLayout,
    sizes: Sizes,
    parameters: Vec<f32>,
    weights: Vec<f32>,
    learns: Vec<bool>,
    masks: Option<Vec<Vec<f32>>>,
    training: bool,
    level: Level,
    device: Cpu,
    batch: usize,
}

/// The weighted sum of a field's components. Same results as
/// [`crate::engine::tape::composed::field`].
pub fn field<I: Shape, O: Shape, T: Tape<f32, Cpu> + 'static>(
    x: Tensor<I, f32, Cpu, T>,
    pass: &FieldPass<'_, Cpu>,
) -> Tensor<O, f32, Cpu, T> {
    let (x, mut tape) = x.split_tape();
    let batch = x.shape().concrete()[0];
    let field = Field::new(pass, x.device(), batch, T::OWNS_TAPE);
    let (output, workspaces) = field.forward(&x.as_vec());
    let mut shape = O::Concrete::default();
    let dims = pass.field.output;
    let sizes = match O::NUM_DIMS {
        4 => vec![batch, dims.channels, dims.height, dims.width],
        _ => vec![batch, dims.len()],
    };
    sizes
        .into_iter()
        .enumerate()
        .for_each(|(i, size)| shape[i] = size);
    let shape = O::from_concrete(&shape).expect("the field's declared shape");
    let y = x.device().tensor_from_vec(output, shape);
    let keys = (x, y.clone(), pass.parameters.clone());
    let weights = pass.weights.map(|w| w.tensor.clone());
    tape.add_backward_op(move |gradients| {
        let (x, y, parameters) = keys;
        let gradient = gradients.get_or_alloc_mut(&y)?.to_vec();
        let (input, sums) = field.backward(&gradient, workspaces);
        add(gradients.get_or_alloc_mut(&x)?, &input);
        add(gradients.get_or_alloc_mut(&parameters)?, &sums.parameters);
        if let Some(weights) = weights {
            let own = &sums.weights[field.plan.first_component..];
            add(gradients.get_or_alloc_mut(&weights)?, own);
        }
        Ok(())
    });
    y.put_tape(tape)
}

fn add(sum: &mut [f32], values: &[f32]) {
    sum.iter_mut().zip(values).for_each(|(s, v)| *s += v);
}

impl Field {
    fn new(pass: &FieldPass<'_, Cpu>, device: &Cpu, batch: usize, training: bool) -> Self {
        let plan = pass.field.clone();
        let (layout, sizes) = FieldLayout::alone(&plan, training);
        let mut weights = vec![0.0; plan.first_component];
        let mut learns = vec![false; plan.first_component];
        if let Some(own) = pass.weights {
            weights.extend_from_slice(&own.values);
            learns.extend(own.values.iter().map(|_| own.learns_from_inactive));
        }
        Self {
            plan,
            task: pass.task,
            layout,
            sizes,
            parameters: pass.parameters.as_vec(),
            weights,
            learns,
            masks: pass
                .masks
                .map(|m| m.iter().map(|mask| mask.as_vec()).collect()),
            training,
            level: Level::detect(),
            device: device.clone(),
            batch,
        }
    }

    fn pass(&self) -> Pass<'_> {
        Pass {
            task: self.task,
            parameters: &self.parameters,
            weights: &self.weights,
            learns: &self.learns,
            dense: false,
            training: self.training,
            masks: self.masks.as_deref(),
            transformed: &[],
            level: self.level,
            device: &self.device,
        }
    }

    fn groups(&self) -> impl Iterator<Item = Group> + use<> {
        let batch = self.batch;
        (0..batch).step_by(LANES).map(move |first| Group {
            first,
            count: LANES.min(batch - first),
        })
    }

    /// The output, and what the backward pass needs of each group.
    fn forward(&self, x: &[f32]) -> (Vec<f32>, Vec<Workspace>) {
        let (len, out) = (self.plan.input.len(), self.plan.output.len());
        let mut output = vec![0.0; self.batch * out];
        let mut workspaces = Vec::new();
        for group in self.groups() {
            let mut ws = Workspace::with_sizes(&self.sizes, self.training);
            let rows = &x[group.first * len..][..group.count * len];
            let input = &mut ws.activations[self.layout.input.clone()];
            elementwise::interleave(self.level, rows, len, input);
            let (x, borders) = (&mut ws.activations, &mut ws.scratch.borders);
            (self.pass()).field(&self.plan, &self.layout, x, borders, group);
            let rows = &mut output[group.first * out..][..group.count * out];
            let y = &ws.activations[self.layout.output.clone()];
            elementwise::deinterleave(self.level, y, rows);
            if self.training {
                workspaces.push(ws);
            }
        }
        (output, workspaces)
    }

    /// Gradients of the input, and of parameters and weights.
    fn backward(&self, gradient: &[f32], workspaces: Vec<Workspace>) -> (Vec<f32>, Sums) {
        let (len, out) = (self.plan.input.len(), self.plan.output.len());
        let mut input = vec![0.0; self.batch * len];
        let mut sums = Sums::new(self.parameters.len(), self.weights.len(), &[]);
        for (group, mut ws) in self.groups().zip(workspaces) {
            let rows = &gradient[group.first * out..][..group.count * out];
            elementwise::interleave(self.level, rows, out, &mut ws.scratch.gradients.output);
            self.pass()
                .field_backward(&self.plan, &self.layout, &mut ws, group, &mut sums);
            let rows = &mut input[group.first * len..][..group.count * len];
            elementwise::deinterleave(self.level, &ws.scratch.gradients.input[..len], rows);
        }
        (input, sums)
    }
}
