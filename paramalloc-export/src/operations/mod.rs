//! What each operation of a network is in ONNX.

mod conv;
mod elementwise;
mod embedding;
mod gate;
mod norm;
mod pool;
mod upsample;

use paramalloc_core::layers::Window;
use paramalloc_core::layers::operation::Kind;
use paramalloc_core::network::plan::Operation;
use paramalloc_core::network::shape::{Axis, Dims};

use crate::graph::{Graph, Parameter, Value, sizes};

pub use conv::conv;
pub use gate::{gate, weighted};

/// An operation that is to be added.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What its values are called.
    pub name: &'a str,
    /// What it takes, of the operation's input shape.
    pub x: &'a Value,
    /// Its parameters, in order.
    pub parameters: &'a [Parameter<'a>],
}

/// Adds an operation, but for the ReLU that may follow it; gives the name of a layer that
/// has no form in ONNX.
///
/// A residual is not for here: it takes more than the value before it.
pub fn add(graph: &mut Graph, operation: &Operation, place: Place<'_>) -> Result<Value, String> {
    let Operation { input, output, .. } = *operation;
    let Place { name, x, .. } = place;
    Ok(match &operation.kind {
        Kind::Conv(operation) => conv(graph, operation, input, place),
        Kind::SplitConv(operation) => conv::split(graph, operation, input, place),
        Kind::ConvTranspose(operation) => conv::transposed(graph, operation, output, place),
        Kind::Embedding(operation) => embedding::embedding(graph, operation, output, place),
        Kind::Upsample(operation) => upsample::upsample(graph, operation, input, place),
        Kind::Pool(operation) => pool::pool(graph, operation, input, place),
        Kind::GroupNorm(operation) => norm::norm(graph, operation, input, place),
        Kind::ReLU => graph.node(name, "Relu", &[x]),
        Kind::Elementwise(function) => elementwise::add(graph, function, place)?,
        // All values stay at evaluation.
        Kind::Dropout(_) => x.clone(),
        Kind::Residual(_) => unreachable!("the walk adds residuals"),
        Kind::Custom(custom) => return Err(custom.name.to_string()),
    })
}

/// `x` as examples of this shape.
pub fn reshape(graph: &mut Graph, name: &str, x: &Value, shape: Dims) -> Value {
    reshape_to(graph, name, x, &sizes(shape))
}

/// `x` as examples of these sizes. The batch stays.
fn reshape_to(graph: &mut Graph, name: &str, x: &Value, sizes: &[usize]) -> Value {
    // 0 takes the size that is there.
    let sizes: Vec<i64> = std::iter::once(0)
        .chain(sizes.iter().map(|&size| size as i64))
        .collect();
    let sizes = graph.integers(&format!("{name}.shape"), &sizes);
    graph.node(name, "Reshape", &[x, &sizes])
}

/// Padding before the rows, before the columns, after the rows, after the columns,
/// of a window over an image of shape `input` whose kernel covers `covered` cells.
fn pads(window: &Window, covered: (usize, usize), input: Dims) -> [usize; 4] {
    let after = |axis: Axis, covered: usize, size: usize| {
        let reached = (axis.output - 1) * window.stride + covered;
        reached.saturating_sub(axis.before + size)
    };
    [
        window.rows.before,
        window.columns.before,
        after(window.rows, covered.0, input.height),
        after(window.columns, covered.1, input.width),
    ]
}
