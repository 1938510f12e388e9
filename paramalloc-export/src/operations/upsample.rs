//! Larger images.

use paramalloc_core::layers::UpsampleKind;
use paramalloc_core::layers::operation::UpsampleOperation;
use paramalloc_core::network::shape::Dims;

use super::Place;
use crate::graph::{Graph, Value, word};

/// An image of shape `input` enlarged by a whole factor.
pub fn upsample(
    graph: &mut Graph,
    upsample: &UpsampleOperation,
    input: Dims,
    place: Place<'_>,
) -> Value {
    match upsample.kind {
        UpsampleKind::Nearest => nearest(graph, upsample.factor as f32, place),
        UpsampleKind::Bilinear => bilinear(graph, upsample, input, place),
    }
}

fn nearest(graph: &mut Graph, factor: f32, place: Place<'_>) -> Value {
    let scales = [1.0, 1.0, factor, factor];
    let scales = graph.floats(&format!("{}.scales", place.name), &[4], &scales);
    let attributes = vec![
        word("mode", "nearest"),
        word("coordinate_transformation_mode", "asymmetric"),
        word("nearest_mode", "floor"),
    ];
    // The second input is the region of another mode.
    let operands = [Some(place.x), None, Some(&scales)];
    graph.node_of(place.name, "Resize", &operands, attributes)
}

/// Two products, along the rows and along the columns: runtimes do not agree what
/// `Resize` gives at the borders.
fn bilinear(
    graph: &mut Graph,
    upsample: &UpsampleOperation,
    input: Dims,
    place: Place<'_>,
) -> Value {
    let part = |part: &str| format!("{}.{part}", place.name);
    let (height, width) = (input.height, input.width);
    let larger = |size: usize| size * upsample.factor;
    let mut rows = vec![0.0; larger(height) * height];
    for (position, row) in rows.chunks_exact_mut(height).enumerate() {
        shares(upsample, position, height, |cell, share| row[cell] += share);
    }
    let mut columns = vec![0.0; width * larger(width)];
    for position in 0..larger(width) {
        shares(upsample, position, width, |cell, share| {
            columns[cell * larger(width) + position] += share;
        });
    }
    let rows = graph.floats(&part("rows"), &[larger(height), height], &rows);
    let columns = graph.floats(&part("columns"), &[width, larger(width)], &columns);
    let taller = graph.node(&part("taller"), "MatMul", &[&rows, place.x]);
    graph.node(place.name, "MatMul", &[&taller, &columns])
}

/// The cells that a position of the larger image is between, each with its share.
fn shares(
    upsample: &UpsampleOperation,
    position: usize,
    size: usize,
    mut share: impl FnMut(usize, f32),
) {
    let between = upsample.between(position, size);
    share(between.cells[0], 1.0 - between.weight);
    share(between.cells[1], between.weight);
}
