//! A network resolved for a number of tasks: every operation with its shapes
//! and with the place of its parameters in one flat vector.

use std::ops::Range;

use crate::error::Error;
use crate::layers::Spec;
use crate::layers::check::check;
use crate::layers::message::explain;
use crate::layers::spec::{Conv, Custom, Init, ParameterSpec, Pool};
use crate::network::{Field, Head, Loss, Multitask, Outputs, Sharing};
use crate::routing::Router;
use crate::shape::{Axis, Dims, window};

/// The operations and parameters of a network.
pub struct Plan {
    /// Name of the network.
    pub name: &'static str,
    /// Shape of one example.
    pub input: Dims,
    /// The fields, in data-flow order.
    pub fields: Vec<FieldPlan>,
    /// One head per task.
    pub heads: Vec<HeadPlan>,
    /// The task loss.
    pub loss: Loss,
    /// All model parameters in the order of their place in the flat vector;
    /// router logits are kept apart.
    pub parameters: Vec<ParameterPlan>,
    /// The dropout operations, in order.
    pub dropouts: Vec<DropoutPlan>,
}

/// A dropout operation's mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DropoutPlan {
    /// Values per example.
    pub values: usize,
    /// One value in this many is dropped.
    pub one_in: usize,
}

/// One field.
pub struct FieldPlan {
    /// Name of the field.
    pub name: &'static str,
    /// Shape of one example going in.
    pub input: Dims,
    /// Shape of one example coming out.
    pub output: Dims,
    /// The components; a shared field has one.
    pub components: Vec<Stack>,
    /// Place among the routed layers; absent for a shared field.
    pub routed: Option<usize>,
    /// Place of the first component among those of all routed layers.
    pub first_component: usize,
    /// The router that the field names itself.
    pub router: Option<&'static dyn Router>,
}

/// A stack of operations with its own parameters.
pub struct Stack {
    /// The operations, in order; identity and flatten leave no operation.
    pub operations: Vec<Operation>,
    /// All its parameters.
    pub parameters: Range<usize>,
    /// The stack as written, for people.
    pub label: String,
}

/// One operation.
pub struct Operation {
    /// What it computes.
    pub kind: Kind,
    /// True if a ReLU follows; it is applied in place.
    pub relu: bool,
    /// Shape of one example going in.
    pub input: Dims,
    /// Shape of one example coming out.
    pub output: Dims,
    /// Place of its parameters: weight then bias, gamma then beta, or a user
    /// layer's in order.
    pub parameters: Range<usize>,
}

/// Kinds of operations.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Convolution and bias; [`Spec::Linear`] is one on a 1x1 image.
    Conv(Conv, Axis, Axis),
    /// Pooling: rows, columns.
    Pool(Pool, Axis, Axis),
    /// Group normalisation with this many groups.
    GroupNorm(usize),
    /// A ReLU that follows no operation it could be applied in place to.
    ReLU,
    /// Dropout: place among the dropout operations, scale of kept values.
    Dropout(usize, f32),
    /// A user's layer.
    Custom(Custom),
}

/// A task's head.
pub struct HeadPlan {
    /// Width.
    pub outputs: usize,
    /// The linear layer.
    pub stack: Stack,
}

/// One parameter.
#[derive(Clone, Debug)]
pub struct ParameterPlan {
    /// Path: `conv1.0.0.weight`, `stem.1.gamma`, `head.3.bias`.
    pub path: String,
    /// Shape.
    pub shape: Vec<usize>,
    /// Place in the flat vector.
    pub range: Range<usize>,
    /// Initial values.
    pub init: Init,
    /// True if the L2 penalty counts it: all but biases.
    pub decayed: bool,
}

impl Plan {
    /// The plan of network `N` with one head width per task in `outputs`.
    ///
    /// # Errors
    /// If the number of tasks or the widths differ from what the struct says.
    pub fn new<N: Multitask>(outputs: &[usize]) -> Result<Self, Error> {
        check_outputs(N::NAME, N::TASKS, &N::HEAD, outputs)?;
        let mut builder = Builder::default();
        let mut shape = N::INPUT;
        let mut fields = Vec::new();
        for field in N::FIELDS {
            let before = fields.last().map(|f: &FieldPlan| f.name);
            let plan = builder.field(field, shape, before)?;
            shape = plan.output;
            fields.push(plan);
        }
        let heads = (outputs.iter().enumerate())
            .map(|(task, &outputs)| builder.head(task, &N::HEAD, outputs))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            name: N::NAME,
            input: N::INPUT,
            fields,
            heads,
            loss: N::HEAD.loss,
            parameters: builder.parameters,
            dropouts: builder.dropouts,
        })
    }

    /// Length of the flat vector of model parameters.
    pub fn parameter_len(&self) -> usize {
        self.parameters.last().map_or(0, |p| p.range.end)
    }

    /// The routed fields, in order.
    pub fn routed(&self) -> impl Iterator<Item = &FieldPlan> {
        self.fields.iter().filter(|f| f.routed.is_some())
    }

    /// Shape of what reaches the heads.
    pub fn features(&self) -> usize {
        self.heads[0].stack.operations[0].input.channels
    }
}

fn check_outputs(
    name: &str,
    tasks: Option<usize>,
    head: &Head,
    outputs: &[usize],
) -> Result<(), Error> {
    let given = outputs.len();
    if let Some(tasks) = tasks.filter(|&tasks| tasks != given) {
        return Err(Error::new(format!(
            "`{name}` has {tasks} tasks, but the data has {given}; change `tasks = {tasks}` or the data"
        )));
    }
    if given == 0 {
        return Err(Error::new(format!("`{name}` needs at least one task")));
    }
    for (task, &width) in outputs.iter().enumerate() {
        let declared = match head.outputs {
            Outputs::Equal(width) => Some(width),
            Outputs::PerTask(widths) => widths.get(task).copied(),
            Outputs::FromData => None,
        };
        if width == 0 || declared.is_some_and(|declared| declared != width) {
            let declared = declared.map_or("at least 1".into(), |d| d.to_string());
            return Err(Error::new(format!(
                "task {task} has {width} outputs in the data, but the head `{}` of `{name}` gives {declared}",
                head.name
            )));
        }
    }
    Ok(())
}

#[derive(Default)]
struct Builder {
    parameters: Vec<ParameterPlan>,
    dropouts: Vec<DropoutPlan>,
    len: usize,
    routed: usize,
    routed_components: usize,
}

impl Builder {
    fn field(
        &mut self,
        field: &Field,
        input: Dims,
        before: Option<&str>,
    ) -> Result<FieldPlan, Error> {
        let (copies, router) = match field.sharing {
            Sharing::Shared => (1, None),
            Sharing::Routed { copies, router } => (copies, router),
        };
        let checked = check(&field.spec, input);
        if let Some(mistake) = checked.mistake {
            let message = explain(&mistake, field.name, before);
            return Err(Error::new(message.as_str()));
        }
        let kinds: &[Spec] = match &field.spec {
            Spec::AnyOf(kinds) => kinds,
            one => std::slice::from_ref(one),
        };
        let specs: Vec<&Spec> = (kinds.iter())
            .flat_map(|kind| std::iter::repeat_n(kind, copies))
            .collect();
        // A routed layer with one component is not routed.
        let (routed, first_component) = (self.routed, self.routed_components);
        let is_routed = specs.len() > 1;
        if is_routed {
            self.routed += 1;
            self.routed_components += specs.len();
        }
        let components = (specs.iter().enumerate())
            .map(|(j, spec)| {
                let prefix = match field.sharing {
                    Sharing::Shared => field.name.to_string(),
                    Sharing::Routed { .. } => format!("{}.{j}", field.name),
                };
                self.stack(&prefix, spec, input)
            })
            .collect::<Result<_, _>>()?;
        Ok(FieldPlan {
            name: field.name,
            input,
            output: checked.output,
            components,
            routed: is_routed.then_some(routed),
            first_component,
            router,
        })
    }

    fn head(&mut self, task: usize, head: &Head, outputs: usize) -> Result<HeadPlan, Error> {
        let spec = Spec::Linear {
            input: head.input,
            output: outputs,
        };
        let start = self.len;
        let mut operations = Vec::new();
        let (path, input) = (format!("head.{task}"), Dims::features(head.input));
        self.push(&path, &spec, input, &mut operations)?;
        let stack = Stack {
            operations,
            parameters: start..self.len,
            label: spec.to_string(),
        };
        Ok(HeadPlan { outputs, stack })
    }

    fn stack(&mut self, prefix: &str, spec: &Spec, input: Dims) -> Result<Stack, Error> {
        let start = self.len;
        let (mut operations, mut place) = (Vec::new(), 0);
        self.walk(prefix, spec, input, &mut place, &mut operations)?;
        Ok(Stack {
            operations,
            parameters: start..self.len,
            label: spec.to_string(),
        })
    }

    fn walk(
        &mut self,
        prefix: &str,
        spec: &Spec,
        input: Dims,
        place: &mut usize,
        operations: &mut Vec<Operation>,
    ) -> Result<Dims, Error> {
        let Spec::Sequence(parts) = spec else {
            let path = format!("{prefix}.{place}");
            *place += 1;
            return self.push(&path, spec, input, operations);
        };
        (parts.iter()).try_fold(input, |x, part| {
            self.walk(prefix, part, x, place, operations)
        })
    }

    /// Appends one operation and its parameters.
    fn push(
        &mut self,
        path: &str,
        spec: &Spec,
        input: Dims,
        operations: &mut Vec<Operation>,
    ) -> Result<Dims, Error> {
        let output = check(spec, input).output;
        let kind = match *spec {
            Spec::Conv2D(conv) => conv_kind(conv, input)?,
            Spec::Pool2D(pool) => {
                let rows = axis(input.height, pool.kernel, pool.stride, pool.padding)?;
                let columns = axis(input.width, pool.kernel, pool.stride, pool.padding)?;
                Kind::Pool(pool, rows, columns)
            }
            Spec::GroupNorm { groups, .. } => Kind::GroupNorm(groups),
            Spec::Linear {
                input: i,
                output: o,
            } => conv_kind(linear_as_conv(i, o), input)?,
            Spec::ReLU => match operations.last_mut() {
                Some(last) if can_fuse_relu(last) => {
                    last.relu = true;
                    return Ok(output);
                }
                _ => Kind::ReLU,
            },
            Spec::Dropout { one_in } => {
                let values = input.len();
                self.dropouts.push(DropoutPlan { values, one_in });
                let kept = 1.0 - 1.0 / one_in as f32;
                Kind::Dropout(self.dropouts.len() - 1, 1.0 / kept)
            }
            Spec::Flatten2D | Spec::Identity => return Ok(output),
            Spec::Custom(custom) => Kind::Custom(custom),
            Spec::Sequence(_) | Spec::AnyOf(_) => {
                return Err(Error::new(format!("`{path}` is not one operation: {spec}")));
            }
        };
        let start = self.len;
        for parameter in parameters_of(spec) {
            self.parameter(path, parameter);
        }
        operations.push(Operation {
            kind,
            relu: false,
            input,
            output,
            parameters: start..self.len,
        });
        Ok(output)
    }

    fn parameter(&mut self, path: &str, (kind, shape, init): (&str, Vec<usize>, Init)) {
        let len: usize = shape.iter().product();
        self.parameters.push(ParameterPlan {
            path: format!("{path}.{kind}"),
            shape,
            range: self.len..self.len + len,
            init,
            decayed: kind != "bias",
        });
        self.len += len;
    }
}

/// Whether a ReLU may overwrite an operation's output: its backward pass must
/// not need the values before the ReLU.
fn can_fuse_relu(operation: &Operation) -> bool {
    !operation.relu && matches!(operation.kind, Kind::Conv(..) | Kind::GroupNorm(_))
}

/// A dense layer is a convolution over a 1x1 image.
fn linear_as_conv(input: usize, output: usize) -> Conv {
    Conv {
        input,
        output,
        kernel_height: 1,
        kernel_width: 1,
        stride: 1,
        padding: crate::shape::Padding::Valid,
    }
}

fn conv_kind(conv: Conv, input: Dims) -> Result<Kind, Error> {
    let rows = axis(input.height, conv.kernel_height, conv.stride, conv.padding)?;
    let columns = axis(input.width, conv.kernel_width, conv.stride, conv.padding)?;
    Ok(Kind::Conv(conv, rows, columns))
}

fn axis(
    size: usize,
    kernel: usize,
    stride: usize,
    padding: crate::shape::Padding,
) -> Result<Axis, Error> {
    window(size, kernel, stride, padding).ok_or_else(|| {
        Error::new(format!(
            "a window of {kernel} does not fit an image of {size}"
        ))
    })
}

/// Kind, shape and initial values of an operation's parameters.
fn parameters_of(spec: &Spec) -> Vec<(&'static str, Vec<usize>, Init)> {
    match *spec {
        Spec::Conv2D(c) => {
            let window = c.kernel_height * c.kernel_width;
            let init = Init::GlorotUniform {
                fan_in: c.input * window,
                fan_out: c.output * window,
            };
            let shape = vec![c.output, c.input, c.kernel_height, c.kernel_width];
            vec![("weight", shape, init), bias(c.output)]
        }
        Spec::Linear { input, output } => {
            let init = Init::GlorotUniform {
                fan_in: input,
                fan_out: output,
            };
            vec![("weight", vec![output, input], init), bias(output)]
        }
        Spec::GroupNorm { channels, .. } => vec![
            ("gamma", vec![channels], Init::Constant(1.0)),
            ("beta", vec![channels], Init::Constant(0.0)),
        ],
        Spec::Custom(custom) => (custom.parameters.iter())
            .map(|&ParameterSpec { kind, shape, init }| (kind, shape.to_vec(), init))
            .collect(),
        _ => Vec::new(),
    }
}

fn bias(len: usize) -> (&'static str, Vec<usize>, Init) {
    ("bias", vec![len], Init::Constant(0.0))
}
