//! Output shapes, computed while compiling. A mistake is returned as a value,
//! with the shape to go on with, so that one mistake is reported once.

use super::spec::{Conv, Pool, ShapeRule, Spec, layers};
use crate::network::shape::{Dims, Padding, window};

/// The shape after a layer, and the first mistake in it if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked<'a> {
    /// The output; after a mistake what the layer gives in any case, or
    /// [`Dims::UNKNOWN`].
    pub output: Dims,
    /// The first mistake.
    pub mistake: Option<Mistake<'a>>,
}

/// A layer that does not fit its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistake<'a> {
    /// What is wrong.
    pub problem: Problem,
    /// The shape that reaches the operation.
    pub given: Dims,
    /// The operation's kind, as its type is called.
    pub layer: &'a str,
    /// The operation's place in its stack, counted from 0. At place 0 the
    /// shape comes from the field before.
    pub operation: usize,
    /// The element of the field's outermost tuple that holds the operation.
    pub part: usize,
    /// The alternative of `AnyOf`, where the field has several.
    pub component: Option<usize>,
}

/// Kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Takes an image of this many channels.
    Channels(usize),
    /// Takes this many features.
    Features(usize),
    /// Takes an image, and features are given (`Flatten2D` comes too early).
    NeedsImage,
    /// Takes features, and an image is given (a `Flatten2D` is missing).
    NeedsFeatures(usize),
    /// The kernel (rows, columns) is larger than the image.
    KernelTooLarge(usize, usize),
    /// A size, stride or number of channels is zero.
    Zero,
    /// Groups do not divide the channels.
    Groups(usize, usize),
    /// A user's layer takes exactly this shape.
    Exactly(Dims),
    /// A dropout that drops every value.
    DropsAll,
    /// `AnyOf` inside a stack or inside another `AnyOf`.
    MisplacedAnyOf,
    /// Component `.1` gives shape `.2` where component 0 gives shape `.0`.
    Disagree(Dims, usize, Dims),
}

const fn fine<'a>(output: Dims) -> Checked<'a> {
    Checked {
        output,
        mistake: None,
    }
}

const fn wrong<'a>(problem: Problem, given: Dims, output: Dims) -> Checked<'a> {
    let mistake = Mistake {
        problem,
        given,
        layer: "",
        operation: 0,
        part: 0,
        component: None,
    };
    Checked {
        output,
        mistake: Some(mistake),
    }
}

/// The output of `spec` for examples of shape `input`. `AnyOf` is allowed at
/// the top only. An empty (unknown) input gives an unknown output and no
/// mistake.
pub const fn check(spec: &Spec, input: Dims) -> Checked<'_> {
    if input.is_empty() {
        return fine(Dims::UNKNOWN);
    }
    match spec {
        Spec::AnyOf(components) => check_components(layers(components), input),
        _ => check_stack(spec, input, 0).0,
    }
}

/// All components, which must agree.
const fn check_components(components: &[Spec], input: Dims) -> Checked<'_> {
    let mut first = Dims::UNKNOWN;
    let mut j = 0;
    while j < components.len() {
        let mut checked = check_stack(&components[j], input, 0).0;
        if let Some(mistake) = &mut checked.mistake {
            mistake.component = Some(j);
            return checked;
        }
        if j == 0 {
            first = checked.output;
        } else if !checked.output.same(first) {
            let problem = Problem::Disagree(first, j, checked.output);
            let mut checked = wrong(problem, input, Dims::UNKNOWN);
            if let Some(mistake) = &mut checked.mistake {
                mistake.component = Some(j);
            }
            return checked;
        }
        j += 1;
    }
    fine(first)
}

/// The output of a stack whose first operation has place `place`, and the
/// place after its last one.
const fn check_stack(spec: &Spec, input: Dims, place: usize) -> (Checked<'_>, usize) {
    if input.is_empty() {
        return (fine(Dims::UNKNOWN), place);
    }
    let Spec::Sequence(parts) = spec else {
        let mut checked = check_one(spec, input);
        if let Some(mistake) = &mut checked.mistake {
            mistake.operation = place;
            mistake.layer = spec.kind();
        }
        return (checked, place + 1);
    };
    let parts = layers(parts);
    let (mut result, mut place) = (fine(input), place);
    let mut i = 0;
    while i < parts.len() {
        let (checked, next) = check_stack(&parts[i], result.output, place);
        result.output = checked.output;
        if let (None, Some(mistake)) = (result.mistake, checked.mistake) {
            result.mistake = Some(Mistake { part: i, ..mistake });
        }
        place = next;
        i += 1;
    }
    (result, place)
}

const fn check_one(spec: &Spec, input: Dims) -> Checked<'_> {
    match spec {
        Spec::Conv2D(conv) => check_conv(*conv, input),
        Spec::Pool2D(pool) => check_pool(*pool, input),
        &Spec::GroupNorm { channels, groups } => {
            if channels == 0 || groups == 0 {
                wrong(Problem::Zero, input, input)
            } else if input.channels != channels {
                wrong(Problem::Channels(channels), input, Dims::UNKNOWN)
            } else if !channels.is_multiple_of(groups) {
                wrong(Problem::Groups(groups, channels), input, input)
            } else {
                fine(input)
            }
        }
        &Spec::Linear {
            input: i,
            output: o,
        } => {
            let output = Dims::features(o);
            if i == 0 || o == 0 {
                wrong(Problem::Zero, input, output)
            } else if input.is_image {
                wrong(Problem::NeedsFeatures(i), input, output)
            } else if input.channels != i {
                wrong(Problem::Features(i), input, output)
            } else {
                fine(output)
            }
        }
        Spec::Dropout { one_in: 0 | 1 } => wrong(Problem::DropsAll, input, input),
        Spec::ReLU | Spec::Dropout { .. } | Spec::Identity => fine(input),
        Spec::Flatten2D if !input.is_image => wrong(Problem::NeedsImage, input, input),
        Spec::Flatten2D => fine(Dims::features(input.len())),
        Spec::AnyOf(_) => wrong(Problem::MisplacedAnyOf, input, Dims::UNKNOWN),
        Spec::Sequence(_) => fine(input),
        Spec::Custom(custom) => check_rule(custom.rule, input),
    }
}

const fn check_conv<'a>(conv: Conv, input: Dims) -> Checked<'a> {
    let kernel = (conv.kernel_height, conv.kernel_width);
    let checked = check_window(conv.output, kernel, conv.stride, conv.padding, input);
    if checked.mistake.is_none() && conv.input == 0 {
        return wrong(Problem::Zero, input, checked.output);
    }
    if checked.mistake.is_none() && conv.input != input.channels {
        return wrong(Problem::Channels(conv.input), input, checked.output);
    }
    checked
}

const fn check_pool<'a>(pool: Pool, input: Dims) -> Checked<'a> {
    let kernel = (pool.kernel, pool.kernel);
    check_window(input.channels, kernel, pool.stride, pool.padding, input)
}

const fn check_window<'a>(
    channels: usize,
    kernel: (usize, usize),
    stride: usize,
    padding: Padding,
    input: Dims,
) -> Checked<'a> {
    if !input.is_image {
        return wrong(Problem::NeedsImage, input, Dims::UNKNOWN);
    }
    if channels == 0 || kernel.0 == 0 || kernel.1 == 0 || stride == 0 {
        return wrong(Problem::Zero, input, Dims::UNKNOWN);
    }
    let rows = window(input.height, kernel.0, stride, padding);
    let columns = window(input.width, kernel.1, stride, padding);
    match (rows, columns) {
        (Some(rows), Some(columns)) => fine(Dims::image(channels, rows.output, columns.output)),
        _ => wrong(
            Problem::KernelTooLarge(kernel.0, kernel.1),
            input,
            Dims::UNKNOWN,
        ),
    }
}

const fn check_rule<'a>(rule: ShapeRule, input: Dims) -> Checked<'a> {
    match rule {
        ShapeRule::Keep => fine(input),
        ShapeRule::KeepChannels(channels) if channels == input.channels => fine(input),
        ShapeRule::KeepChannels(channels) => {
            wrong(Problem::Channels(channels), input, Dims::UNKNOWN)
        }
        ShapeRule::Window {
            input: i,
            output,
            kernel,
            stride,
            padding,
        } => check_conv(
            Conv {
                input: i,
                output,
                kernel_height: kernel,
                kernel_width: kernel,
                stride,
                padding,
            },
            input,
        ),
        ShapeRule::Exact(needed, output) if needed.same(input) => fine(output),
        ShapeRule::Exact(needed, output) => wrong(Problem::Exactly(needed), input, output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{AnyOf, Conv2D, Flatten2D, Layer, Linear, ReLU};

    #[test]
    fn the_first_mistake_is_kept_and_the_shape_goes_on() {
        let spec = <(Conv2D<8, 4, 3>, Conv2D<4, 6, 3>) as Layer>::SPEC;
        let checked = check(&spec, Dims::image(4, 12, 12));
        assert_eq!(checked.output, Dims::image(6, 8, 8));
        let mistake = checked.mistake.unwrap();
        assert_eq!(mistake.problem, Problem::Channels(8));
        assert_eq!((mistake.operation, mistake.component), (0, None));
        assert_eq!(mistake.layer, "Conv2D");
    }

    #[test]
    fn components_must_agree() {
        let spec = <AnyOf<(Conv2D<1, 4, 3>, Conv2D<1, 4, 5>)> as Layer>::SPEC;
        let checked = check(&spec, Dims::image(1, 9, 9));
        let (first, second) = (Dims::image(4, 7, 7), Dims::image(4, 5, 5));
        let problem = checked.mistake.unwrap().problem;
        assert_eq!(problem, Problem::Disagree(first, 1, second));
    }

    #[test]
    fn nested_tuples_count_operations_in_the_order_written() {
        let spec = <((Conv2D<1, 4, 3>, ReLU), (Flatten2D, Linear<7, 2>)) as Layer>::SPEC;
        let mistake = check(&spec, Dims::image(1, 4, 4)).mistake.unwrap();
        assert_eq!((mistake.operation, mistake.part), (3, 1));
        assert_eq!(mistake.problem, Problem::Features(7));
        assert_eq!(mistake.given, Dims::features(16));
    }
}
