//! A network as nodes: its fields from first to last, then a task's head.
//!
//! Tasks share what they compute alike: a component that two tasks give the same
//! input is there once, as are all parameters.

use std::collections::HashMap;
use std::ops::Range;

use paramalloc_core::layers::operation::ResidualOperation;
use paramalloc_core::network::GatePlan;
use paramalloc_core::network::plan::{FieldPlan, Kind, Operation, Plan, Stack};
use paramalloc_core::network::shape::Dims;
use paramalloc_core::train::Trainer;

use crate::error::Error;
use crate::graph::{Graph, Parameter, Value, int, sizes};
use crate::operations::{self, Place, reshape};

/// The values of a network's parameters, by path.
#[derive(Debug)]
pub struct Parameters(HashMap<String, Vec<f32>>);

impl Parameters {
    /// Of a trainer as it stands.
    pub fn new(trainer: &Trainer) -> Self {
        let parameters = trainer.parameters().into_iter();
        Self(
            parameters
                .map(|tensor| (tensor.path, tensor.values))
                .collect(),
        )
    }

    /// Those of an operation, in order.
    fn of(&self, plan: &Plan, operation: &Operation) -> Vec<Parameter<'_>> {
        self.within(plan, &operation.parameters)
    }

    /// Those in a range of all parameters, in order.
    fn within(&self, plan: &Plan, range: &Range<usize>) -> Vec<Parameter<'_>> {
        let all = plan.parameters.iter();
        let own = all.filter(|p| range.contains(&p.range.start));
        own.filter_map(|p| self.0.get_key_value(&p.path))
            .map(|(path, values)| Parameter { path, values })
            .collect()
    }
}

/// A network on its way into a graph.
#[derive(Debug)]
pub struct Walk<'a> {
    plan: &'a Plan,
    parameters: &'a Parameters,
    graph: &'a mut Graph,
    /// What components give, by field, component and input.
    components: HashMap<(usize, usize, Value), At>,
    /// Sums of components, by field, input and the bits of their weights.
    sums: HashMap<(usize, Value, Vec<u32>), At>,
}

/// A value, and the shape of an example in it.
#[derive(Clone, Debug)]
struct At {
    value: Value,
    shape: Dims,
}

impl<'a> Walk<'a> {
    /// The network of a plan.
    pub fn new(plan: &'a Plan, parameters: &'a Parameters, graph: &'a mut Graph) -> Self {
        Self {
            plan,
            parameters,
            graph,
            components: HashMap::new(),
            sums: HashMap::new(),
        }
    }

    /// What task `task` makes of `input`, with these weights of the components of all
    /// routed fields.
    ///
    /// # Errors
    /// [`Error::OwnLayer`].
    pub fn task(&mut self, task: usize, weights: &[f32], input: &Value) -> Result<Value, Error> {
        let plan = self.plan;
        let mut at = At {
            value: input.clone(),
            shape: plan.input,
        };
        for (index, field) in plan.fields.iter().enumerate() {
            at = match field.routed {
                None => self.component((index, field.component_of(task)), field, &at)?,
                Some(_) => match &field.gate {
                    Some(gate) => self.gated((index, field), (gate, task), &at)?,
                    None => {
                        let weights = &weights[field.first_component..][..field.components.len()];
                        self.routed(index, field, weights, &at)?
                    }
                },
            };
        }
        let name = format!("head.{task}");
        let given = self.stack(&name, &plan.heads[task].stack, at)?;
        let uses_nothing = |field: &FieldPlan| {
            let weights = &weights[field.first_component..][..field.components.len()];
            weights.iter().all(|&weight| weight == 0.0)
        };
        Ok(match plan.routed().any(uses_nothing) {
            true => self.repeated(&name, &given, input),
            false => given.value,
        })
    }

    /// The sum of the components that have a weight.
    fn routed(
        &mut self,
        index: usize,
        field: &FieldPlan,
        weights: &[f32],
        input: &At,
    ) -> Result<At, Error> {
        let bits = weights.iter().map(|weight| weight.to_bits()).collect();
        let key = (index, input.value.clone(), bits);
        if let Some(sum) = self.sums.get(&key) {
            return Ok(sum.clone());
        }
        let mut terms = Vec::new();
        for (j, &weight) in weights.iter().enumerate() {
            if weight != 0.0 {
                let term = self.component((index, j), field, input)?.value;
                terms.push(self.weighted(&format!("{}.{j}", field.name), weight, term));
            }
        }
        let name = &field.name;
        let value = match &terms[..] {
            [] => self.zeros(name, field.output),
            [one] => one.clone(),
            terms => {
                let terms: Vec<&Value> = terms.iter().collect();
                self.graph.node(name, "Sum", &terms)
            }
        };
        let sum = At {
            value,
            shape: field.output,
        };
        self.sums.insert(key, sum.clone());
        Ok(sum)
    }

    /// The sum of the components that a task's gate weighs for each example.
    fn gated(
        &mut self,
        (index, field): (usize, &FieldPlan),
        (gate, task): (&GatePlan, usize),
        input: &At,
    ) -> Result<At, Error> {
        let own = &gate.tasks[task];
        let parameters = self.parameters.within(self.plan, &own.parameters);
        let name = format!("{}.gate.{task}", field.name);
        let x = self.shaped(&name, input.clone(), field.input).value;
        let place = Place {
            name: &name,
            x: &x,
            parameters: &parameters,
        };
        let weights = operations::gate(self.graph, (gate, field.input), place);
        let mut terms = Vec::new();
        for (place, &j) in own.components.iter().enumerate() {
            let term = self.component((index, j), field, input)?.value;
            let name = format!("{name}.{j}");
            let of_gate = (&weights, place);
            terms.push(operations::weighted(
                self.graph,
                &name,
                of_gate,
                (&term, field.output),
            ));
        }
        let terms: Vec<&Value> = terms.iter().collect();
        Ok(At {
            value: self
                .graph
                .node(&format!("{}.gated.{task}", field.name), "Sum", &terms),
            shape: field.output,
        })
    }

    /// What a component of a field makes of its input.
    fn component(
        &mut self,
        (index, j): (usize, usize),
        field: &FieldPlan,
        input: &At,
    ) -> Result<At, Error> {
        let key = (index, j, input.value.clone());
        if let Some(output) = self.components.get(&key) {
            return Ok(output.clone());
        }
        let name = match field.routed.is_some() || field.private {
            true => format!("{}.{j}", field.name),
            false => field.name.clone(),
        };
        let given = self.stack(&name, &field.components[j], input.clone())?;
        let output = self.shaped(&name, given, field.output);
        self.components.insert(key, output.clone());
        Ok(output)
    }

    /// `term` times its weight.
    fn weighted(&mut self, name: &str, weight: f32, term: Value) -> Value {
        if weight == 1.0 {
            return term;
        }
        let weight = self
            .graph
            .floats(&format!("{name}.weight_of_component"), &[], &[weight]);
        self.graph
            .node(&format!("{name}.weighted"), "Mul", &[&term, &weight])
    }

    /// Zeros as one example of this shape: what comes out of a routed field of which the
    /// task uses nothing. All that follows is the same for every example then.
    fn zeros(&mut self, name: &str, shape: Dims) -> Value {
        let mut sizes = sizes(shape);
        sizes.insert(0, 1);
        self.graph.floats(name, &sizes, &vec![0.0; shape.len()])
    }

    /// What is given for one example, for each example of `input`.
    fn repeated(&mut self, name: &str, given: &At, input: &Value) -> Value {
        let part = |part: &str| format!("{name}.{part}");
        let sizes: Vec<i64> = sizes(given.shape).iter().map(|&size| size as i64).collect();
        let sizes = self.graph.integers(&part("sizes"), &sizes);
        let first = vec![int("start", 0), int("end", 1)];
        let batch = (self.graph).node_with(&part("batch"), "Shape", &[input], first);
        let axis = vec![int("axis", 0)];
        let whole = (self.graph).node_with(&part("shape"), "Concat", &[&batch, &sizes], axis);
        let repeated = part("repeated");
        self.graph
            .node(&repeated, "Expand", &[&given.value, &whole])
    }

    /// The operations of a stack.
    fn stack(&mut self, name: &str, stack: &Stack, input: At) -> Result<At, Error> {
        // What each operation takes: a residual adds what the first of its layers took.
        let mut taken = Vec::new();
        let mut at = input;
        for (index, operation) in stack.operations.iter().enumerate() {
            let name = format!("{name}.{index}");
            taken.push(at.clone());
            let value = match &operation.kind {
                Kind::Residual(residual) => {
                    let skip = taken[index - residual.body].clone();
                    self.residual(&name, residual, operation, (at, skip))
                }
                _ => self.operation(&name, operation, at)?,
            };
            let value = match operation.relu {
                true => self.graph.node(&format!("{name}.relu"), "Relu", &[&value]),
                false => value,
            };
            let shape = match &operation.kind {
                // Of a whole image it may give features, but a window keeps the axes.
                Kind::Pool(pool) => {
                    let (rows, columns) = (pool.window.rows.output, pool.window.columns.output);
                    Dims::image(operation.output.channels, rows, columns)
                }
                _ => operation.output,
            };
            at = At { value, shape };
        }
        Ok(at)
    }

    fn operation(&mut self, name: &str, operation: &Operation, at: At) -> Result<Value, Error> {
        let parameters = self.parameters.of(self.plan, operation);
        let x = self.shaped(name, at, operation.input).value;
        let place = Place {
            name,
            x: &x,
            parameters: &parameters,
        };
        operations::add(self.graph, operation, place).map_err(|layer| Error::OwnLayer {
            network: self.plan.name.clone(),
            layer,
        })
    }

    /// What the layers of a residual give, and what they took added to it.
    fn residual(
        &mut self,
        name: &str,
        residual: &ResidualOperation,
        operation: &Operation,
        (given, skip): (At, At),
    ) -> Value {
        let skip = self
            .shaped(&format!("{name}.skip"), skip, residual.skip)
            .value;
        let skip = match &residual.projection {
            None => skip,
            Some(conv) => {
                let place = Place {
                    name: &format!("{name}.projection"),
                    x: &skip,
                    parameters: &self.parameters.of(self.plan, operation),
                };
                operations::conv(self.graph, conv, residual.skip, place)
            }
        };
        let given = self
            .shaped(&format!("{name}.given"), given, operation.output)
            .value;
        self.graph.node(name, "Add", &[&given, &skip])
    }

    /// The same values in this shape: flattening is no operation of a plan.
    fn shaped(&mut self, name: &str, at: At, shape: Dims) -> At {
        if at.shape == shape {
            return at;
        }
        let name = format!("{name}.reshaped");
        let value = reshape(self.graph, &name, &at.value, shape);
        At { value, shape }
    }
}
