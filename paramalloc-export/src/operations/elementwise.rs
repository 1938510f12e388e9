//! Activations.

use std::f32::consts::FRAC_1_SQRT_2;

use paramalloc_core::layers::operation::ElementwiseOperation;

use super::Place;
use crate::graph::{Graph, Value, float};

/// An activation; gives the name of one of a user's own.
pub fn add(
    graph: &mut Graph,
    function: &ElementwiseOperation,
    place: Place<'_>,
) -> Result<Value, String> {
    let layer = function.layer.name();
    if function.is_own {
        return Err(layer.to_owned());
    }
    let Place { name, x, .. } = place;
    Ok(match layer {
        "GELU" => gelu(graph, name, x),
        "LeakyReLU" => graph.node_with(name, "LeakyRelu", &[x], vec![float("alpha", 0.01)]),
        "Sigmoid" => graph.node(name, "Sigmoid", &[x]),
        "SiLU" => {
            let gate = graph.node(&format!("{name}.sigmoid"), "Sigmoid", &[x]);
            graph.node(name, "Mul", &[x, &gate])
        }
        "Softplus" => graph.node(name, "Softplus", &[x]),
        "Tanh" => graph.node(name, "Tanh", &[x]),
        other => return Err(other.to_owned()),
    })
}

/// `x / 2 * (1 + erf(x / sqrt 2))`; as an operation of its own it is too new for
/// many runtimes.
fn gelu(graph: &mut Graph, name: &str, x: &Value) -> Value {
    let part = |part: &str| format!("{name}.{part}");
    let scale = graph.floats(&part("scale"), &[], &[FRAC_1_SQRT_2]);
    let half = graph.floats(&part("half"), &[], &[0.5]);
    let one = graph.floats(&part("one"), &[], &[1.0]);
    let scaled = graph.node(&part("scaled"), "Mul", &[x, &scale]);
    let erf = graph.node(&part("erf"), "Erf", &[&scaled]);
    let above = graph.node(&part("above"), "Add", &[&erf, &one]);
    let halved = graph.node(&part("halved"), "Mul", &[x, &half]);
    graph.node(name, "Mul", &[&halved, &above])
}
