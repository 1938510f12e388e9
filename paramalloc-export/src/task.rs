//! What comes out of the graph for a task.

use paramalloc_core::data::TargetKind;
use paramalloc_core::network::shape::Dims;
use serde::Serialize;

use crate::graph::{Graph, Port, Value, int};
use crate::messages::{Attribute, DataType};

/// A task that is exported.
#[derive(Clone, Debug)]
pub struct ExportedTask {
    /// Its number in the network.
    pub number: usize,
    /// Its name.
    pub name: String,
    /// What it predicts.
    pub kind: TargetKind,
    /// Names of its classes, where they have some.
    pub classes: Vec<String>,
    /// Mean and deviation of the values as the table has them.
    pub units: Option<(f64, f64)>,
}

/// What the metadata say about a task.
#[derive(Debug, Serialize)]
pub struct Description {
    name: String,
    /// `classes`, `labels` or `values`.
    kind: &'static str,
    /// Names of the graph's outputs for it.
    outputs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    classes: Vec<String>,
}

impl ExportedTask {
    /// The outputs of the graph, from those of the task's head: what the metadata say
    /// about them.
    pub fn outputs(&self, graph: &mut Graph, head: &Value, shape: Dims) -> Description {
        let (kind, outputs) = match self.kind {
            TargetKind::Classes => {
                let softmax = ("Softmax", vec![int("axis", 1)]);
                ("classes", self.probabilities(graph, head, shape, softmax))
            }
            TargetKind::Labels => {
                let sigmoid = ("Sigmoid", Vec::new());
                ("labels", self.probabilities(graph, head, shape, sigmoid))
            }
            _ => ("values", vec![self.values(graph, head, shape)]),
        };
        Description {
            name: self.name.clone(),
            kind,
            outputs: outputs
                .iter()
                .map(|value| value.name().to_owned())
                .collect(),
            classes: self.classes.clone(),
        }
    }

    fn probabilities(
        &self,
        graph: &mut Graph,
        head: &Value,
        shape: Dims,
        (operation, attributes): (&str, Vec<Attribute>),
    ) -> Vec<Value> {
        let logits = Port {
            name: &format!("{}.logits", self.name),
            data_type: DataType::Float,
            shape,
            about: "before the probabilities",
        };
        let about = match self.kind {
            TargetKind::Classes => "the probability of each class",
            _ => "the probability of each label",
        };
        let probabilities = Port {
            name: &format!("{}.probabilities", self.name),
            about,
            ..logits
        };
        vec![
            graph.output(logits, "Identity", &[head]),
            graph.output_with(probabilities, operation, &[head], attributes),
        ]
    }

    /// Values in their units: in double precision, since the mean may be far larger
    /// than the deviation.
    fn values(&self, graph: &mut Graph, head: &Value, shape: Dims) -> Value {
        let port = Port {
            name: &format!("{}.values", self.name),
            data_type: DataType::Float,
            shape,
            about: "the values",
        };
        let Some((mean, deviation)) = self.units else {
            return graph.output(port, "Identity", &[head]);
        };
        let part = |part: &str| format!("{}.{part}", self.name);
        let to = vec![int("to", DataType::Double as i64)];
        let exact = graph.node_with(&part("exact"), "Cast", &[head], to);
        let deviation = graph.doubles(&part("deviation"), &[], &[deviation]);
        let mean = graph.doubles(&part("mean"), &[], &[mean]);
        let scaled = graph.node(&part("scaled"), "Mul", &[&exact, &deviation]);
        let port = Port {
            data_type: DataType::Double,
            about: "the values in the units of the table",
            ..port
        };
        graph.output(port, "Add", &[&scaled, &mean])
    }
}
