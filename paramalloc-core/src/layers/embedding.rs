//! Vectors for indices.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::layer_spec::LayerSpec;
use super::operation::{EmbeddingOperation, Kind};
use super::parameter::{Init, ParameterSpec};
use super::shape_error::{Checked, Problem, fits, wrong};
use super::{Layer, Spec};
use crate::network::shape::Dims;

/// A table of `ROWS` vectors of `WIDTH` values, in which each feature, a whole
/// number `0..ROWS`, finds its row: `N` features to a `WIDTH x 1 x N` image, a
/// signal for [`Conv1D`](super::Conv1D), or with
/// [`Flatten2D`](super::Flatten2D) `WIDTH * N` features. Rows start normal(0, 1).
///
/// It stands first in its network; its inputs are
/// [`IndexInputs`](crate::data::IndexInputs). Categories of several columns
/// share the table: those of a second column begin where those of the first end.
///
/// ```
/// use paramalloc_core::prelude::*;
///
/// #[multitask(input = 2, tasks = 2)]
/// struct Net {
///     #[routed(3)]
///     table: Embedding<100, 8>, // a user and an item: 8x1x2
///     flatten: Flatten2D,
///     #[head(classes = 3)]
///     head: Linear<16, 3>,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Embedding<const ROWS: usize, const WIDTH: usize>;

impl<const R: usize, const W: usize> Layer for Embedding<R, W> {
    const SPEC: Spec = Spec::Embedding(EmbeddingSpec { rows: R, width: W });
}

/// A table of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbeddingSpec {
    /// Number of vectors.
    pub rows: usize,
    /// Values of each.
    pub width: usize,
}

impl EmbeddingSpec {
    pub(super) const fn kind(&self) -> &'static str {
        "Embedding"
    }

    pub(super) const fn check(&self, input: Dims) -> Checked<'static> {
        let output = Dims::image(self.width, 1, input.channels);
        if self.rows == 0 || self.width == 0 {
            wrong(Problem::Zero, input, output)
        } else if input.is_image {
            wrong(Problem::NeedsFeatures(input.len()), input, output)
        } else {
            fits(output)
        }
    }
}

impl LayerSpec for EmbeddingSpec {
    fn short_name(&self) -> Option<String> {
        Some(format!("embedding{}", self.width))
    }

    fn parameters(&self) -> Vec<ParameterSpec> {
        let shape = vec![self.rows, self.width];
        let init = Init::StandardNormal;
        vec![ParameterSpec::of_shape("weight", shape, init)]
    }

    fn operation(&self, _input: Dims) -> Option<Kind> {
        Some(Kind::Embedding(EmbeddingOperation {
            rows: self.rows,
            width: self.width,
        }))
    }
}

impl fmt::Display for EmbeddingSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Embedding<{}, {}>", self.rows, self.width)
    }
}
