//! An ONNX graph while it grows: nodes, constants and the names of values.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use paramalloc_core::network::shape::Dims;

use crate::messages::{
    Attribute, AttributeType, DataType, Dimension, GraphMessage, Node, Shape, Size, Tensor,
    TensorType, Type, ValueInfo,
};

/// Name of the dimension over the examples, which has any size.
const BATCH: &str = "batch";

/// A value in the graph, by its name, which no other has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Value(Rc<str>);

/// A graph that is being built.
#[derive(Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    constants: Vec<Tensor>,
    inputs: Vec<ValueInfo>,
    outputs: Vec<ValueInfo>,
    names: HashSet<Rc<str>>,
    parameters: HashMap<String, Value>,
}

/// A parameter of the network.
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a> {
    /// Its path: `conv1.0.0.weight`.
    pub path: &'a str,
    /// Its values.
    pub values: &'a [f32],
}

/// An input or output of the graph.
#[derive(Clone, Copy, Debug)]
pub struct Port<'a> {
    /// Its name.
    pub name: &'a str,
    /// Type of its values.
    pub data_type: DataType,
    /// Shape of one example.
    pub shape: Dims,
    /// What it holds, for people.
    pub about: &'a str,
}

impl Graph {
    /// An input; it is to be declared before anything else has its name.
    pub fn input(&mut self, port: Port<'_>) -> Value {
        self.inputs.push(info(port));
        self.name(port.name)
    }

    /// An output, as what `operation` makes of these values.
    pub fn output(&mut self, port: Port<'_>, operation: &str, inputs: &[&Value]) -> Value {
        self.output_with(port, operation, inputs, Vec::new())
    }

    /// The same of an operation with attributes.
    pub fn output_with(
        &mut self,
        port: Port<'_>,
        operation: &str,
        inputs: &[&Value],
        attributes: Vec<Attribute>,
    ) -> Value {
        let value = self.node_with(port.name, operation, inputs, attributes);
        let name: &str = &value.0;
        self.outputs.push(info(Port { name, ..port }));
        value
    }

    /// What `operation` makes of these values, named like `name`.
    pub fn node(&mut self, name: &str, operation: &str, inputs: &[&Value]) -> Value {
        self.node_with(name, operation, inputs, Vec::new())
    }

    /// The same of an operation with attributes.
    pub fn node_with(
        &mut self,
        name: &str,
        operation: &str,
        inputs: &[&Value],
        attribute: Vec<Attribute>,
    ) -> Value {
        let inputs: Vec<Option<&Value>> = inputs.iter().map(|&value| Some(value)).collect();
        self.node_of(name, operation, &inputs, attribute)
    }

    /// The same where inputs are left out.
    pub fn node_of(
        &mut self,
        name: &str,
        operation: &str,
        inputs: &[Option<&Value>],
        attribute: Vec<Attribute>,
    ) -> Value {
        let value = self.name(name);
        let inputs = inputs.iter();
        self.nodes.push(Node {
            input: inputs
                .map(|input| input.map_or(String::new(), |value| value.0.to_string()))
                .collect(),
            output: vec![value.0.to_string()],
            name: Some(value.0.to_string()),
            op_type: Some(operation.to_owned()),
            attribute,
        });
        value
    }

    /// A parameter as a constant of this shape. It is stored once, however many tasks
    /// use it.
    pub fn parameter(&mut self, parameter: Parameter<'_>, shape: &[usize]) -> Value {
        if let Some(value) = self.parameters.get(parameter.path) {
            return value.clone();
        }
        let value = self.floats(parameter.path, shape, parameter.values);
        let path = parameter.path.to_owned();
        self.parameters.insert(path, value.clone());
        value
    }

    /// A constant of this shape.
    pub fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.constant(name, shape, DataType::Float, bytes.collect())
    }

    /// The same in double precision.
    pub fn doubles(&mut self, name: &str, shape: &[usize], values: &[f64]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.constant(name, shape, DataType::Double, bytes.collect())
    }

    /// A constant vector of whole numbers: a shape for the most part.
    pub fn integers(&mut self, name: &str, values: &[i64]) -> Value {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.constant(name, &[values.len()], DataType::Int64, bytes.collect())
    }

    fn constant(
        &mut self,
        name: &str,
        shape: &[usize],
        data_type: DataType,
        bytes: Vec<u8>,
    ) -> Value {
        let value = self.name(name);
        self.constants.push(Tensor {
            dims: shape.iter().map(|&size| size as i64).collect(),
            data_type: Some(data_type.into()),
            name: Some(value.0.to_string()),
            raw_data: Some(bytes),
        });
        value
    }

    /// `name`, or where that is taken, the same with a number.
    fn name(&mut self, name: &str) -> Value {
        let mut free: Rc<str> = name.into();
        let mut number = 2;
        while !self.names.insert(free.clone()) {
            free = format!("{name}_{number}").into();
            number += 1;
        }
        Value(free)
    }

    /// The graph called `name`.
    pub fn finish(self, name: &str) -> GraphMessage {
        GraphMessage {
            node: self.nodes,
            name: Some(name.to_owned()),
            initializer: self.constants,
            input: self.inputs,
            output: self.outputs,
        }
    }
}

impl Value {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Sizes of one example: `[channels, rows, columns]` or `[features]`.
pub fn sizes(shape: Dims) -> Vec<usize> {
    match shape.is_image {
        true => vec![shape.channels, shape.height, shape.width],
        false => vec![shape.channels],
    }
}

fn info(port: Port<'_>) -> ValueInfo {
    let batch = Size::Parameter(BATCH.to_owned());
    let sizes = sizes(port.shape).into_iter();
    let sizes = sizes.map(|size| Size::Value(size as i64));
    let dim = std::iter::once(batch)
        .chain(sizes)
        .map(|size| Dimension { value: Some(size) });
    ValueInfo {
        name: Some(port.name.to_owned()),
        r#type: Some(Type {
            tensor_type: Some(TensorType {
                elem_type: Some(port.data_type.into()),
                shape: Some(Shape { dim: dim.collect() }),
            }),
        }),
        doc_string: Some(port.about.to_owned()),
    }
}

/// An attribute that is a whole number.
pub fn int(name: &str, value: i64) -> Attribute {
    Attribute {
        i: Some(value),
        ..attribute(name, AttributeType::Int)
    }
}

/// An attribute that is a list of sizes.
pub fn ints(name: &str, values: &[usize]) -> Attribute {
    Attribute {
        ints: values.iter().map(|&value| value as i64).collect(),
        ..attribute(name, AttributeType::Ints)
    }
}

/// An attribute that is a number.
pub fn float(name: &str, value: f32) -> Attribute {
    Attribute {
        f: Some(value),
        ..attribute(name, AttributeType::Float)
    }
}

/// An attribute that is a word.
pub fn word(name: &str, value: &str) -> Attribute {
    Attribute {
        s: Some(value.as_bytes().to_vec()),
        ..attribute(name, AttributeType::String)
    }
}

fn attribute(name: &str, kind: AttributeType) -> Attribute {
    Attribute {
        name: Some(name.to_owned()),
        r#type: Some(kind.into()),
        ..Attribute::default()
    }
}
