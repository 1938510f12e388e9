//! Resolves the fields of a network one after the other.

use super::{DropoutPlan, FieldPlan, HeadPlan, Kind, Operation, ParameterPlan, Stack};
use crate::error::Error;
use crate::layers::Spec;
use crate::layers::check::check;
use crate::layers::message::explain;
use crate::layers::spec::{Conv, Init, ParameterSpec};
use crate::network::shape::{Axis, Dims, Padding, window};
use crate::network::{Field, Head, Sharing};

/// What has been laid out so far.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) parameters: Vec<ParameterPlan>,
    pub(super) dropouts: Vec<DropoutPlan>,
    len: usize,
    routed: usize,
    routed_components: usize,
}

impl Builder {
    pub(super) fn field(
        &mut self,
        field: &Field,
        input: Dims,
        before: Option<&str>,
    ) -> Result<FieldPlan, Error> {
        let (copies, router) = match &field.sharing {
            Sharing::Shared => (1, None),
            Sharing::Routed { copies, router } => (*copies, router.clone()),
        };
        check_components(field, copies)?;
        let checked = check(&field.spec, input);
        if let Some(mistake) = checked.mistake {
            let message = explain(&mistake, &field.name, before);
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
            name: field.name.to_string(),
            input,
            output: checked.output,
            components,
            routed: is_routed.then_some(routed),
            first_component,
            router,
        })
    }

    pub(super) fn head(
        &mut self,
        task: usize,
        head: &Head,
        outputs: usize,
    ) -> Result<HeadPlan, Error> {
        let spec = Spec::Linear {
            input: head.input,
            output: outputs,
        };
        let start = self.len;
        let mut operations = Vec::new();
        let (path, input) = (format!("{}.{task}", head.name), Dims::features(head.input));
        self.push(&path, &spec, input, &mut operations)?;
        let stack = Stack {
            operations,
            parameters: start..self.len,
            label: spec.to_string(),
            name: spec.short_name(),
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
            name: spec.short_name(),
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
        if matches!(spec, Spec::ReLU)
            && let Some(last) = operations.last_mut()
            && can_fuse_relu(last)
        {
            last.relu = true;
            return Ok(output);
        }
        let Some(kind) = self.kind(path, spec, input)? else {
            return Ok(output);
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

    /// What one layer computes; none if it leaves its input as it is.
    fn kind(&mut self, path: &str, spec: &Spec, input: Dims) -> Result<Option<Kind>, Error> {
        Ok(Some(match spec {
            Spec::Conv2D(conv) => conv_kind(*conv, input)?,
            Spec::Pool2D(pool) => {
                let rows = axis(input.height, pool.kernel, pool.stride, pool.padding)?;
                let columns = axis(input.width, pool.kernel, pool.stride, pool.padding)?;
                Kind::Pool(*pool, rows, columns)
            }
            Spec::GroupNorm { groups, .. } => Kind::GroupNorm(*groups),
            &Spec::Linear {
                input: i,
                output: o,
            } => conv_kind(linear_as_conv(i, o), input)?,
            Spec::ReLU => Kind::ReLU,
            &Spec::Dropout { one_in } => {
                let values = input.len();
                self.dropouts.push(DropoutPlan { values, one_in });
                let kept = 1.0 - 1.0 / one_in as f32;
                Kind::Dropout(self.dropouts.len() - 1, 1.0 / kept)
            }
            Spec::Flatten2D | Spec::Identity => return Ok(None),
            Spec::Custom(custom) => Kind::Custom(custom.clone()),
            Spec::Sequence(_) | Spec::AnyOf(_) => {
                return Err(Error::new(format!("`{path}` is not one operation: {spec}")));
            }
        }))
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

/// What a field written by hand may have wrong, besides shapes.
fn check_components(field: &Field, copies: usize) -> Result<(), Error> {
    let kinds = match &field.spec {
        Spec::AnyOf(kinds) => kinds.len(),
        _ => 1,
    };
    let problem = match field.sharing {
        _ if kinds == 0 => "names no component; give its `AnyOf` at least one",
        Sharing::Routed { .. } if copies == 0 => {
            "has 0 copies of its components; give `copies` of at least 1"
        }
        Sharing::Shared if kinds > 1 => {
            "is shared by all tasks, but names several components; make it routed, or name one"
        }
        _ => return Ok(()),
    };
    Err(Error::new(format!("the field `{}` {problem}", field.name)))
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
        padding: Padding::Valid,
    }
}

fn conv_kind(conv: Conv, input: Dims) -> Result<Kind, Error> {
    let rows = axis(input.height, conv.kernel_height, conv.stride, conv.padding)?;
    let columns = axis(input.width, conv.kernel_width, conv.stride, conv.padding)?;
    Ok(Kind::Conv(conv, rows, columns))
}

fn axis(size: usize, kernel: usize, stride: usize, padding: Padding) -> Result<Axis, Error> {
    window(size, kernel, stride, padding).ok_or_else(|| {
        Error::new(format!(
            "a window of {kernel} does not fit an image of {size}"
        ))
    })
}

/// Kind, shape and initial values of an operation's parameters.
fn parameters_of(spec: &Spec) -> Vec<(&str, Vec<usize>, Init)> {
    match spec {
        Spec::Conv2D(c) => {
            let window = c.kernel_height * c.kernel_width;
            let init = Init::GlorotUniform {
                fan_in: c.input * window,
                fan_out: c.output * window,
            };
            let shape = vec![c.output, c.input, c.kernel_height, c.kernel_width];
            vec![("weight", shape, init), bias(c.output)]
        }
        &Spec::Linear { input, output } => {
            let init = Init::GlorotUniform {
                fan_in: input,
                fan_out: output,
            };
            vec![("weight", vec![output, input], init), bias(output)]
        }
        &Spec::GroupNorm { channels, .. } => vec![
            ("gamma", vec![channels], Init::Constant(1.0)),
            ("beta", vec![channels], Init::Constant(0.0)),
        ],
        Spec::Custom(custom) => (custom.parameters.iter())
            .map(|ParameterSpec { kind, shape, init }| (&**kind, shape.to_vec(), *init))
            .collect(),
        _ => Vec::new(),
    }
}

fn bias(len: usize) -> (&'static str, Vec<usize>, Init) {
    ("bias", vec![len], Init::Constant(0.0))
}
