//! Finds the place of every value of a pass.

use std::ops::Range;

use super::convolution::Convolution;
use super::operations::{self, tiled_conv};
use super::places::{FieldLayout, Layout, OperationLayout, Sizes, StackLayout, TiledConv};
use super::schedule::{Schedule, schedule};
use super::team::is_shared;
use crate::network::plan::{FieldPlan, HeadPlan, Kind, Operation, Plan, Stack};
use paramalloc_kernels::LANES;
use paramalloc_kernels::winograd::Winograd;

impl Layout {
    /// The places for `plan`; `learned` says which routed layers have a
    /// router that learns, `rates` the factor of each parameter's learning
    /// rate.
    pub fn new(plan: &Plan, learned: &[bool], rates: &[f64], convolution: Convolution) -> Self {
        let learns_in = |range: &Range<usize>| {
            let mut parameters = plan.parameters.iter().zip(rates);
            parameters.any(|(p, &rate)| rate != 0.0 && range.contains(&p.range.start))
        };
        let mut sizes = Sizes::default();
        let input = sizes.place(plan.input.len());
        let mut x = input.clone();
        let mut learns = false;
        let mut fields = Vec::with_capacity(plan.fields.len());
        for field in &plan.fields {
            let mut layout = sizes.field(field, x, learns, convolution);
            layout.wants_weight_gradient = field.routed.is_some_and(|l| learned[l]);
            x = layout.output.clone();
            learns |= field.components.iter().any(|c| learns_in(&c.parameters));
            learns |= layout.wants_weight_gradient;
            let mut gates = field.gate.iter().flat_map(|gate| &gate.tasks);
            learns |= gates.any(|gate| learns_in(&gate.parameters));
            fields.push(layout);
        }
        let place = sizes.activations;
        let widest = plan.heads.iter().map(HeadPlan::values).max().unwrap_or(0);
        let heads = (plan.heads.iter())
            .map(|head| {
                sizes.activations = place;
                // Its weights are not transformed.
                let convolution = Convolution::Direct;
                sizes.operation(&head.stack.operations[0], x.clone(), convolution)
            })
            .collect();
        sizes.activations = place + widest;
        Self {
            input,
            fields,
            wants_features_gradient: learns,
            heads,
            sizes,
            is_shared: plan.fields.iter().any(|field| {
                let mut operations = field.components.iter().flat_map(|c| &c.operations);
                operations.any(is_shared)
            }),
        }
    }
}

impl FieldLayout {
    /// The places of a field by itself, its input first; convolutions are
    /// direct, since their weights are not transformed.
    pub fn alone(field: &FieldPlan, wants_input_gradient: bool) -> (Self, Sizes) {
        let mut sizes = Sizes::default();
        let input = sizes.place(field.input.len());
        let layout = sizes.field(field, input, wants_input_gradient, Convolution::Direct);
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
        convolution: Convolution,
    ) -> FieldLayout {
        let start = self.activations;
        let components: Vec<StackLayout> = (field.components.iter())
            .map(|stack| {
                if field.private {
                    // A pass runs one of them.
                    self.activations = start;
                }
                self.stack(stack, input.clone(), convolution)
            })
            .collect();
        let output = match field.routed {
            Some(_) => self.place(field.output.len()),
            None => components[0].output.clone(),
        };
        let gate = match &field.gate {
            Some(gate) => self.place(gate.features + gate.seen()),
            None => output.end..output.end,
        };
        FieldLayout {
            input,
            output,
            gate,
            components,
            wants_input_gradient,
            wants_weight_gradient: field.routed.is_some(),
        }
    }

    fn stack(
        &mut self,
        stack: &Stack,
        input: Range<usize>,
        convolution: Convolution,
    ) -> StackLayout {
        let mut output = input;
        let mut operations: Vec<OperationLayout> = Vec::with_capacity(stack.operations.len());
        for operation in &stack.operations {
            let mut layout = self.operation(operation, output.clone(), convolution);
            output = layout.output.clone();
            if let Kind::Residual(residual) = &operation.kind {
                // Without layers it begins with itself.
                let first = operations.len() - residual.body;
                let begins = operations.get_mut(first).unwrap_or(&mut layout);
                begins.opens += 1;
                layout.skip = operations.get(first).unwrap_or(&layout).input.clone();
            }
            operations.push(layout);
        }
        self.skips = self.skips.max(depth(&stack.operations));
        StackLayout { operations, output }
    }

    fn operation(
        &mut self,
        operation: &Operation,
        input: Range<usize>,
        convolution: Convolution,
    ) -> OperationLayout {
        let code = operations::of(&operation.kind);
        let geometry = code.geometry(operation);
        let output = self.place(operation.output.len());
        let kept = self.place(code.kept(operation));
        let tiled = match schedule(operation, convolution) {
            Schedule::Tiles => geometry.as_ref().and_then(Winograd::new),
            Schedule::Groups | Schedule::Products => None,
        };
        let tiled = tiled.map(|winograd| self.tiled(winograd));
        match &tiled {
            Some(tiled) => tiled_conv::reserve(tiled, self),
            None => code.reserve(operation, geometry.as_ref(), self),
        }
        OperationLayout {
            skip: input.start..input.start,
            opens: 0,
            input,
            output,
            kept,
            geometry,
            tiled,
        }
    }

    fn tiled(&mut self, forward: Winograd) -> TiledConv {
        let back = forward.back();
        let mut place = |winograd: &Winograd| {
            let start = self.transformed;
            self.transformed += winograd.transformed_len() / LANES;
            start..self.transformed
        };
        TiledConv {
            weights: place(&forward),
            back_weights: place(&back),
            forward,
            back,
        }
    }
}

/// The most residuals inside each other.
fn depth(operations: &[Operation]) -> usize {
    let around = |place: usize| {
        let holds = |(end, operation): (usize, &Operation)| match &operation.kind {
            Kind::Residual(residual) => (end - residual.body..=end).contains(&place),
            _ => false,
        };
        operations.iter().enumerate().filter(|&o| holds(o)).count()
    };
    (0..operations.len()).map(around).max().unwrap_or(0)
}
