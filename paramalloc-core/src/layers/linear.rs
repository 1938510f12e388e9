//! Dense layers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::operation::{ConvOperation, Kind};
use super::parameter::ParameterSpec;
use super::shape_error::{Checked, Problem, fits, wrong};
use super::window::Window;
use super::{Layer, Spec};
use crate::network::shape::{Dims, Padding};

/// `y = W x + b`: `IN` features to `OUT` features.
///
/// ```
/// use paramalloc_core::layers::check::check;
/// use paramalloc_core::prelude::*;
///
/// let output = check(&Linear::<64, 10>::SPEC, Dims::features(64)).output;
/// assert_eq!(output, Dims::features(10));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Linear<const IN: usize, const OUT: usize>;

impl<const I: usize, const O: usize> Layer for Linear<I, O> {
    const SPEC: Spec = Spec::Linear(LinearSpec {
        input: I,
        output: O,
    });
}

/// The head of a network whose tasks differ in width: `IN` features to as
/// many outputs as each task has. Use [`Linear`] where the width is the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct PerTaskLinear<const IN: usize>;

/// A dense layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinearSpec {
    /// Features in.
    pub input: usize,
    /// Features out.
    pub output: usize,
}

impl LinearSpec {
    pub(super) const fn kind(&self) -> &'static str {
        "Linear"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        let output = Dims::features(self.output);
        if self.input == 0 || self.output == 0 {
            wrong(Problem::Zero, input, output)
        } else if input.is_image {
            wrong(Problem::NeedsFeatures(self.input), input, output)
        } else if input.channels != self.input {
            wrong(Problem::Features(self.input), input, output)
        } else {
            fits(output)
        }
    }
}

impl LayerSpec for LinearSpec {
    fn short_name(&self) -> Option<String> {
        Some(format!("linear{}", self.output))
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let shape = vec![self.output, self.input];
        vec![
            ParameterSpec::weight(shape, self.input, self.output, 1),
            ParameterSpec::bias(self.output),
        ]
    }

    fn operation(&self, input: Dims) -> Option<Kind> {
        Some(Kind::Conv(ConvOperation {
            input: self.input,
            output: self.output,
            window: Window::new((1, 1), 1, Padding::Valid, input),
        }))
    }
}

impl fmt::Display for LinearSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Linear<{}, {}>", self.input, self.output)
    }
}
