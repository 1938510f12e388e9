//! Gates: the weights of components for each example.

use paramalloc_core::network::GatePlan;
use paramalloc_core::network::shape::Dims;

use super::{Place, reshape_to};
use crate::graph::{Graph, Value, int, sizes};

/// The weights that a gate gives the components of each example, `[batch,
/// components]`, of what a field of this input shape takes.
pub fn gate(graph: &mut Graph, (gate, input): (&GatePlan, Dims), place: Place<'_>) -> Value {
    let Place {
        name,
        x,
        parameters,
    } = place;
    let part = |part: &str| format!("{name}.{part}");
    let means = match input.is_image {
        true => {
            let means = graph.node(&part("means"), "GlobalAveragePool", &[x]);
            reshape_to(graph, &part("features"), &means, &[gate.features])
        }
        false => x.clone(),
    };
    let weight = graph.parameter(parameters[0], &[gate.seen(), gate.features]);
    let bias = graph.parameter(parameters[1], &[gate.seen()]);
    let transposed = vec![int("transB", 1)];
    let inputs = [&means, &weight, &bias];
    let logits = graph.node_with(&part("logits"), "Gemm", &inputs, transposed);
    graph.node_with(name, "Softmax", &[&logits], vec![int("axis", 1)])
}

/// `term`, examples of this shape, times the weights at one place among those of a
/// gate.
pub fn weighted(
    graph: &mut Graph,
    name: &str,
    (weights, place): (&Value, usize),
    (term, shape): (&Value, Dims),
) -> Value {
    let index = graph.integers(&format!("{name}.place"), &[place as i64]);
    let axis = vec![int("axis", 1)];
    let inputs = [weights, &index];
    let own = graph.node_with(&format!("{name}.weight"), "Gather", &inputs, axis);
    let ones = vec![1; sizes(shape).len()];
    let own = reshape_to(graph, &format!("{name}.of_example"), &own, &ones);
    graph.node(&format!("{name}.weighted"), "Mul", &[term, &own])
}
