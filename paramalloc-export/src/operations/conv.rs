//! Convolutions and dense layers.

use paramalloc_core::layers::operation::{
    ConvOperation, ConvTransposeOperation, SplitConvOperation,
};
use paramalloc_core::network::shape::Dims;

use super::{Place, pads};
use crate::graph::{Graph, Value, int, ints};
use crate::messages::Attribute;

/// A convolution of an example of shape `input`, or a dense layer if that has no rows
/// and columns.
pub fn conv(graph: &mut Graph, conv: &ConvOperation, input: Dims, place: Place<'_>) -> Value {
    if !input.is_image {
        let attributes = vec![int("transB", 1)];
        let shape = [conv.output, conv.input];
        return weighted(graph, "Gemm", place, (&shape, conv.output), attributes);
    }
    let whole = SplitConvOperation {
        conv: *conv,
        groups: 1,
        dilation: 1,
    };
    split(graph, &whole, input, place)
}

/// A convolution in groups or of a dilated kernel.
pub fn split(
    graph: &mut Graph,
    split: &SplitConvOperation,
    input: Dims,
    place: Place<'_>,
) -> Value {
    let window = &split.conv.window;
    let covers = |cells: usize| (cells - 1) * split.dilation + 1;
    let covered = (covers(window.kernel.0), covers(window.kernel.1));
    let attributes = vec![
        ints("kernel_shape", &[window.kernel.0, window.kernel.1]),
        ints("strides", &[window.stride; 2]),
        ints("dilations", &[split.dilation; 2]),
        ints("pads", &pads(window, covered, input)),
        int("group", split.groups as i64),
    ];
    let (kernel, conv) = (window.kernel, &split.conv);
    let shape = [conv.output, conv.input / split.groups, kernel.0, kernel.1];
    weighted(graph, "Conv", place, (&shape, conv.output), attributes)
}

/// A transposed convolution that gives an example of shape `output`.
pub fn transposed(
    graph: &mut Graph,
    operation: &ConvTransposeOperation,
    output: Dims,
    place: Place<'_>,
) -> Value {
    let window = &operation.conv.window;
    let [top, left, bottom, right] = pads(window, window.kernel, output);
    // Rows that no window of the convolution reaches, which have the bias alone.
    let rest = |axis: usize, covered: usize, size: usize, before: usize| {
        size.saturating_sub((axis - 1) * window.stride + covered - before)
    };
    let rows = rest(window.rows.output, window.kernel.0, output.height, top);
    let columns = rest(window.columns.output, window.kernel.1, output.width, left);
    let attributes = vec![
        ints("kernel_shape", &[window.kernel.0, window.kernel.1]),
        ints("strides", &[window.stride; 2]),
        ints("pads", &[top, left, bottom, right]),
        ints("output_padding", &[rows, columns]),
    ];
    // It is the convolution's output that it takes.
    let (kernel, conv) = (window.kernel, &operation.conv);
    let shape = [conv.output, conv.input, kernel.0, kernel.1];
    weighted(
        graph,
        "ConvTranspose",
        place,
        (&shape, conv.input),
        attributes,
    )
}

/// An operation with a weight of this shape and as many biases.
fn weighted(
    graph: &mut Graph,
    operation: &str,
    place: Place<'_>,
    (shape, biases): (&[usize], usize),
    attributes: Vec<Attribute>,
) -> Value {
    let weight = graph.parameter(place.parameters[0], shape);
    let bias = graph.parameter(place.parameters[1], &[biases]);
    let operands = [place.x, &weight, &bias];
    graph.node_with(place.name, operation, &operands, attributes)
}
