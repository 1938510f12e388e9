//! Rows of a table.

use paramalloc_core::layers::operation::EmbeddingOperation;
use paramalloc_core::network::shape::Dims;

use super::{Place, reshape};
use crate::graph::{Graph, Value, int, ints};
use crate::messages::DataType;

/// The rows that the values find, each of them a column of the image: an index
/// outside of the table finds its first or last row.
pub fn embedding(
    graph: &mut Graph,
    table: &EmbeddingOperation,
    output: Dims,
    place: Place<'_>,
) -> Value {
    let part = |part: &str| format!("{}.{part}", place.name);
    let first = graph.floats(&part("first"), &[], &[0.0]);
    let last = graph.floats(&part("last"), &[], &[(table.rows - 1) as f32]);
    let inside = graph.node(&part("inside"), "Clip", &[place.x, &first, &last]);
    let to = vec![int("to", DataType::Int64 as i64)];
    let indices = graph.node_with(&part("indices"), "Cast", &[&inside], to);
    let shape = [table.rows, table.width];
    let table = graph.parameter(place.parameters[0], &shape);
    let operands = [&table, &indices];
    let rows = graph.node_with(&part("rows"), "Gather", &operands, vec![int("axis", 0)]);
    let order = vec![ints("perm", &[0, 2, 1])];
    let columns = graph.node_with(&part("columns"), "Transpose", &[&rows], order);
    reshape(graph, place.name, &columns, output)
}
