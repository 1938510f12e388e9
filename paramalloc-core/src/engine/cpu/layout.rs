//! Where every value of a pass lies: activations of a group one after the
//! other in one vector, in the order of computation.

use std::ops::Range;

use crate::engine::cpu::kernels::Geometry;
use crate::network::plan::{FieldPlan, Kind, Operation, Plan, Stack};

/// Places of all activations, in lanes, and the sizes of scratch memory.
pub struct Layout {
    /// Input of the network.
    pub input: Range<usize>,
    /// One entry per field of the plan.
    pub fields: Vec<FieldLayout>,
    /// True if something below the heads learns.
    pub wants_features_gradient: bool,
    /// One head per task; all write to the same place.
    pub heads: Vec<OperationLayout>,
    /// Sizes of what a pass needs.
    pub sizes: Sizes,
}

/// Lanes of each part of a workspace.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sizes {
    /// All activations.
    pub activations: usize,
    /// The largest gradient of an operation's or field's input or output.
    pub gradient: usize,
    /// The largest input with borders.
    pub padded: usize,
    /// The largest gradient with borders.
    pub bordered: usize,
    /// The largest scratch of a weight gradient.
    pub taps: usize,
}

/// Places of one field.
pub struct FieldLayout {
    /// Input.
    pub input: Range<usize>,
    /// Output; of a shared field, that of its stack.
    pub output: Range<usize>,
    /// One entry per component.
    pub components: Vec<StackLayout>,
    /// True if something below the field learns from its input's gradient.
    pub wants_input_gradient: bool,
    /// True if the gradients of the components' weights are wanted.
    pub wants_weight_gradient: bool,
}

/// Places of a stack.
pub struct StackLayout {
    /// One entry per operation.
    pub operations: Vec<OperationLayout>,
    /// Output; the input if there is no operation.
    pub output: Range<usize>,
}

/// Places of one operation.
#[derive(Clone)]
pub struct OperationLayout {
    /// Input.
    pub input: Range<usize>,
    /// Output.
    pub output: Range<usize>,
    /// What the backward pass needs besides: right behind the output.
    pub kept: Range<usize>,
    /// The window of a convolution or pooling.
    pub geometry: Option<Geometry>,
}

impl Layout {
    /// The places for `plan`; `learned` says which routed layers have a
    /// router that learns.
    pub fn new(plan: &Plan, learned: &[bool]) -> Self {
        let mut sizes = Sizes::default();
        let input = sizes.place(plan.input.len());
        let mut x = input.clone();
        let mut learns = false;
        let mut fields = Vec::with_capacity(plan.fields.len());
        for field in &plan.fields {
            let mut layout = sizes.field(field, x, learns);
            layout.wants_weight_gradient = field.routed.is_some_and(|l| learned[l]);
            x = layout.output.clone();
            learns |= field.components.iter().any(|c| !c.parameters.is_empty());
            learns |= layout.wants_weight_gradient;
            fields.push(layout);
        }
        let place = sizes.activations;
        let widest = plan.heads.iter().map(|h| h.outputs).max().unwrap_or(0);
        let heads = (plan.heads.iter())
            .map(|head| {
                sizes.activations = place;
                sizes.operation(&head.stack.operations[0], x.clone())
            })
            .collect();
        sizes.activations = place + widest;
        Self {
            input,
            fields,
            wants_features_gradient: learns,
            heads,
            sizes,
        }
    }
}

impl FieldLayout {
    /// The places of a field by itself, its input first.
    pub fn alone(field: &FieldPlan, wants_input_gradient: bool) -> (Self, Sizes) {
        let mut sizes = Sizes::default();
        let input = sizes.place(field.input.len());
        let layout = sizes.field(field, input, wants_input_gradient);
        (layout, sizes)
    }
}

impl Sizes {
    fn place(&mut self, len: usize) -> Range<usize> {
        let start = self.activations;
        self.activations += len;
        self.gradient = self.gradient.max(len);
        start..self.activations
    }

    fn field(
        &mut self,
        field: &FieldPlan,
        input: Range<usize>,
        wants_input_gradient: bool,
    ) -> FieldLayout {
        let components: Vec<StackLayout> = (field.components.iter())
            .map(|stack| self.stack(stack, input.clone()))
            .collect();
        let output = match field.routed {
            Some(_) => self.place(field.output.len()),
            None => components[0].output.clone(),
        };
        FieldLayout {
            input,
            output,
            components,
            wants_input_gradient,
            wants_weight_gradient: field.routed.is_some(),
        }
    }

    fn stack(&mut self, stack: &Stack, input: Range<usize>) -> StackLayout {
        let mut output = input;
        let operations = (stack.operations.iter())
            .map(|operation| {
                let layout = self.operation(operation, output.clone());
                output = layout.output.clone();
                layout
            })
            .collect();
        StackLayout { operations, output }
    }

    fn operation(&mut self, operation: &Operation, input: Range<usize>) -> OperationLayout {
        let geometry = geometry(operation);
        let output = self.place(operation.output.len());
        let kept = match &operation.kind {
            Kind::GroupNorm(norm) => 2 * norm.groups,
            Kind::Dropout(..) => operation.output.len(),
            Kind::Pool(pool, ..) if pool.kind == crate::layers::PoolKind::Max => {
                operation.output.len()
            }
            _ => 0,
        };
        let kept = self.place(kept);
        if let (Some(g), Kind::Conv(..)) = (&geometry, &operation.kind) {
            if g.needs_padding() {
                self.padded = self.padded.max(g.padded_len());
            }
            self.bordered = self.bordered.max(g.bordered_gradient_len());
            self.taps = self.taps.max(g.scratch_len());
        }
        OperationLayout {
            input,
            output,
            kept,
            geometry,
        }
    }
}

/// The window of a convolution or pooling.
fn geometry(operation: &Operation) -> Option<Geometry> {
    let window = match &operation.kind {
        Kind::Conv(conv) => conv.window,
        Kind::Pool(pool) => pool.window,
        _ => return None,
    };
    let (input, output) = (operation.input, operation.output);
    let axes = (window.rows, window.columns);
    let geometry = Geometry::new(input, output, window.kernel, window.stride, axes);
    Some(geometry)
}
