//! Normalizations.

use paramalloc_core::layers::operation::NormOperation;
use paramalloc_core::network::shape::Dims;

use super::{Place, reshape, reshape_to};
use crate::graph::{Graph, Value, float, int, sizes};

/// A normalization of groups of channels. ONNX normalizes along an axis, so each group
/// is laid along the last.
pub fn norm(graph: &mut Graph, norm: &NormOperation, input: Dims, place: Place<'_>) -> Value {
    let part = |part: &str| format!("{}.{part}", place.name);
    let (groups, group) = (norm.groups, input.len() / norm.groups);
    let grouped = reshape_to(graph, &part("grouped"), place.x, &[groups, group]);
    // What scales and shifts comes after: it differs between the channels of a group.
    let ones = graph.floats(&part("ones"), &[group], &vec![1.0; group]);
    let attributes = vec![int("axis", -1), float("epsilon", norm.epsilon)];
    let operands = [&grouped, &ones];
    let normal = graph.node_with(&part("normal"), "LayerNormalization", &operands, attributes);
    let normal = reshape(graph, &part("normal"), &normal, input);
    let mut channels = sizes(input);
    channels[1..].fill(1);
    let gamma = graph.parameter(place.parameters[0], &channels);
    let beta = graph.parameter(place.parameters[1], &channels);
    let scaled = graph.node(&part("scaled"), "Mul", &[&normal, &gamma]);
    graph.node(place.name, "Add", &[&scaled, &beta])
}
