//! Resolves the fields of a network one after the other.

use std::ops::Range;

use super::parts::{DropoutPlan, FieldPlan, HeadPlan, Operation, ParameterPlan, Stack};
use crate::layers::check::check;
use crate::layers::operation::{Kind, ResidualOperation};
use crate::layers::{Init, ParameterSpec, Projection, Spec, projection};
use crate::loss::Loss;
use crate::network::field::{Field, Head, Sharing};
use crate::network::shape::Dims;
use crate::network::{GatePlan, TaskGate, TaskHead, seen};

/// What has been laid out so far.
#[derive(Default)]
pub(super) struct Builder {
    tasks: usize,
    /// Whether an example has several positions.
    of_positions: bool,
    pub(super) parameters: Vec<ParameterPlan>,
    pub(super) dropouts: Vec<DropoutPlan>,
    /// The dropout operation that comes next. Those of a private field's
    /// components have one mask, as a step uses one of them.
    next_dropout: usize,
    len: usize,
    /// Layers of the last stack.
    layers: usize,
    /// Operations of the current stack before the layers of the innermost
    /// residual.
    body: usize,
    /// Names of the routed fields.
    routed: Vec<String>,
    routed_components: usize,
}

impl Builder {
    /// Nothing of a network of this input and number of tasks.
    pub(super) fn new(input: Dims, tasks: usize) -> Self {
        Self {
            tasks,
            of_positions: input.plane() > 1,
            ..Self::default()
        }
    }

    /// A field that [`super::fields::check`] accepts.
    pub(super) fn field(&mut self, field: &Field, input: Dims) -> FieldPlan {
        let tasks = self.tasks;
        let (copies, router) = match &field.sharing {
            Sharing::Shared => (1, None),
            Sharing::Private => (tasks, None),
            Sharing::Routed { copies, router } => (*copies, router.clone()),
            Sharing::RoutedWith { copies, .. } | Sharing::Gated { copies, .. } => (*copies, None),
        };
        let output = check(&field.spec, input).output;
        let kinds: &[Spec] = match &field.spec {
            Spec::AnyOf(kinds) => kinds,
            one => std::slice::from_ref(one),
        };
        let repeated = |copies: usize| {
            let each = move |kind| std::iter::repeat_n(kind, copies);
            kinds.iter().flat_map(each)
        };
        let mut specs: Vec<&Spec> = repeated(copies).collect();
        if let Sharing::Gated { private, .. } = &field.sharing {
            specs.extend((0..tasks).flat_map(|_| repeated(*private)));
        }
        // A routed layer with one component is not routed.
        let (routed, first_component) = (self.routed.len(), self.routed_components);
        let router_of = field.sharing.router_of();
        let router_of = router_of.and_then(|of| self.routed.iter().position(|name| name == of));
        let private = field.sharing == Sharing::Private;
        let is_routed = specs.len() > 1 && !private;
        if is_routed {
            self.routed.push(field.name.to_string());
            self.routed_components += specs.len();
        }
        let dropout = self.next_dropout;
        let components = (specs.iter().enumerate())
            .map(|(j, spec)| {
                let prefix = match field.sharing {
                    Sharing::Shared => field.name.to_string(),
                    _ => format!("{}.{j}", field.name),
                };
                if private {
                    self.next_dropout = dropout;
                }
                self.stack(&prefix, spec, input)
            })
            .collect();
        let gate = match &field.sharing {
            Sharing::Gated { copies, private } => {
                let seen = seen(kinds.len(), (*copies, *private), tasks);
                Some(self.gates(&field.name, input.channels, seen))
            }
            _ => None,
        };
        FieldPlan {
            name: field.name.to_string(),
            input,
            output,
            components,
            private,
            routed: is_routed.then_some(routed),
            first_component,
            router,
            router_of,
            gate,
        }
    }

    /// Gates of a field whose tasks see these components.
    fn gates(
        &mut self,
        field: &str,
        features: usize,
        seen: Vec<(Vec<usize>, Range<usize>)>,
    ) -> GatePlan {
        let tasks = seen
            .into_iter()
            .enumerate()
            .map(|(task, (components, private))| {
                let (start, path) = (self.len, format!("{field}.gate.{task}"));
                let shape = vec![components.len(), features];
                let zeros = Init::Constant(0.0);
                self.parameter(&path, ParameterSpec::of_shape("weight", shape, zeros));
                self.parameter(&path, ParameterSpec::bias(components.len()));
                TaskGate {
                    components,
                    private,
                    parameters: start..self.len,
                }
            });
        GatePlan {
            features,
            tasks: tasks.collect(),
        }
    }

    /// The head of a task that asks for what `head` gives, for what reaches it.
    /// `below` says whether the field before it has the layers below its last one.
    pub(super) fn head(
        &mut self,
        task: usize,
        (head, below): (&Head, bool),
        input: Dims,
        (of, loss): (TaskHead, Loss),
    ) -> HeadPlan {
        let outputs = of.outputs;
        let spec = head.kind.spec(head.input, outputs);
        let start = self.len;
        let mut operations = Vec::new();
        let path = match below {
            true => format!("{}.{task}.{}", head.name, self.layers),
            false => format!("{}.{task}", head.name),
        };
        let output = self.push(&path, &spec, input, &mut operations);
        let stack = Stack {
            operations,
            parameters: start..self.len,
            label: spec.to_string(),
            name: spec.short_name(),
        };
        HeadPlan {
            outputs,
            pixels: output.plane(),
            loss,
            weight: of.weight,
            class_weights: of.class_weights,
            stack,
        }
    }

    fn stack(&mut self, prefix: &str, spec: &Spec, input: Dims) -> Stack {
        let start = self.len;
        self.body = 0;
        let (mut operations, mut index) = (Vec::new(), 0);
        self.walk(prefix, spec, input, &mut index, &mut operations);
        self.layers = index;
        Stack {
            operations,
            parameters: start..self.len,
            label: spec.to_string(),
            name: spec.short_name(),
        }
    }

    /// Appends the operations of `spec`, whose first layer has this index in
    /// its stack; the shape after them.
    fn walk(
        &mut self,
        prefix: &str,
        spec: &Spec,
        input: Dims,
        index: &mut usize,
        operations: &mut Vec<Operation>,
    ) -> Dims {
        if let Spec::Residual(parts) = spec {
            return self.residual(prefix, parts, input, index, operations);
        }
        let Spec::Sequence(parts) = spec else {
            let path = format!("{prefix}.{index}");
            *index += 1;
            return self.push(&path, spec, input, operations);
        };
        (parts.iter()).fold(input, |x, part| {
            self.walk(prefix, part, x, index, operations)
        })
    }

    /// Appends the operations of a residual's layers and of the sum.
    fn residual(
        &mut self,
        prefix: &str,
        parts: &[Spec],
        input: Dims,
        index: &mut usize,
        operations: &mut Vec<Operation>,
    ) -> Dims {
        let first = operations.len();
        // A ReLU that begins the layers is none of what is added.
        self.body = first;
        let output = (parts.iter()).fold(input, |x, part| {
            self.walk(prefix, part, x, index, operations)
        });
        let path = format!("{prefix}.{index}.projection");
        *index += 1;
        let projection = match projection(input, output) {
            Projection::None => None,
            Projection::Conv(conv) => Some(Spec::Conv2D(conv)),
            Projection::Linear(linear) => Some(Spec::Linear(linear)),
        };
        let start = self.len;
        for parameter in projection.iter().flat_map(Spec::parameters) {
            self.parameter(&path, parameter);
        }
        let convolution = projection.and_then(|spec| spec.operation(input));
        let residual = ResidualOperation {
            body: operations.len() - first,
            skip: input,
            projection: match convolution {
                Some(Kind::Conv(conv)) => Some(conv),
                _ => None,
            },
        };
        (operations[first..].iter_mut()).for_each(|operation| operation.in_residual = true);
        operations.push(Operation {
            kind: Kind::Residual(residual),
            relu: false,
            in_residual: true,
            of_positions: self.of_positions,
            input: output,
            output,
            parameters: start..self.len,
        });
        self.body = operations.len();
        output
    }

    /// Appends one layer's operation and parameters; the shape after it.
    fn push(
        &mut self,
        path: &str,
        spec: &Spec,
        input: Dims,
        operations: &mut Vec<Operation>,
    ) -> Dims {
        let output = check(spec, input).output;
        let Some(mut kind) = spec.operation(input) else {
            return output;
        };
        if matches!(kind, Kind::ReLU)
            && operations.len() > self.body
            && let Some(last) = operations.last_mut()
            && last.kind.takes_relu()
            && !last.relu
        {
            last.relu = true;
            return output;
        }
        if let Kind::Dropout(dropout) = &mut kind {
            dropout.index = self.next_dropout;
            self.next_dropout += 1;
            if dropout.index == self.dropouts.len() {
                let (values, dropped) = (input.len(), dropout.dropped);
                self.dropouts.push(DropoutPlan { values, dropped });
            }
        }
        let start = self.len;
        for parameter in spec.parameters() {
            self.parameter(path, parameter);
        }
        operations.push(Operation {
            kind,
            relu: false,
            in_residual: false,
            of_positions: self.of_positions,
            input,
            output,
            parameters: start..self.len,
        });
        output
    }

    fn parameter(&mut self, path: &str, parameter: ParameterSpec) {
        let end = self.len.saturating_add(parameter.len());
        self.parameters.push(ParameterPlan {
            path: format!("{path}.{}", parameter.kind),
            range: self.len..end,
            init: parameter.init,
            decayed: parameter.kind != "bias",
            shape: parameter.shape.into_owned(),
        });
        self.len = end;
    }
}
