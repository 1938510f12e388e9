//! Pooling.

use paramalloc_core::layers::PoolKind;
use paramalloc_core::layers::operation::PoolOperation;
use paramalloc_core::network::shape::Dims;

use super::{Place, pads};
use crate::graph::{Graph, Value, int, ints};

/// Pooling of an image of shape `input`.
pub fn pool(graph: &mut Graph, pool: &PoolOperation, input: Dims, place: Place<'_>) -> Value {
    let window = &pool.window;
    let mut attributes = vec![
        ints("kernel_shape", &[window.kernel.0, window.kernel.1]),
        ints("strides", &[window.stride; 2]),
        ints("pads", &pads(window, window.kernel, input)),
    ];
    let operation = match pool.kind {
        PoolKind::Max => "MaxPool",
        PoolKind::Average => {
            attributes.push(int("count_include_pad", 0));
            "AveragePool"
        }
    };
    graph.node_with(place.name, operation, &[place.x], attributes)
}
