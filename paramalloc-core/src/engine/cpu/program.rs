//! A network with products over the whole batch, as a list of steps. Between
//! two products groups go their way alone; a product needs all of them.

use std::ops::Range;

use super::places::{Layout, OperationLayout};
use super::schedule::Reason;
use crate::network::plan::{FieldPlan, Operation, Plan};

/// The steps from the first field with a product to the last one. The fields
/// before it are done as in a network without products.
pub struct Program {
    /// The first field with steps.
    pub first: usize,
    /// The steps, in order.
    parts: Vec<Part>,
    /// The heads that are products, by task.
    pub heads: Vec<Option<Products>>,
    /// Parameters of all products, in order.
    pub parameters: Vec<Range<usize>>,
}

/// Some steps, one after the other.
enum Part {
    /// For all tasks.
    Common(Vec<Step>),
    /// Of a private field, by task.
    Private(Vec<Vec<Step>>),
}

impl Part {
    fn of(&self, task: usize) -> &[Step] {
        match self {
            Self::Common(steps) => steps,
            Self::Private(tasks) => &tasks[task],
        }
    }

    fn all(&self) -> impl Iterator<Item = &Step> {
        let (common, private) = match self {
            Self::Common(steps) => (&steps[..], &[][..]),
            Self::Private(tasks) => (&[][..], &tasks[..]),
        };
        common.iter().chain(private.iter().flatten())
    }
}

/// What is done with all groups before the next step begins.
pub enum Step {
    /// Each group by itself.
    Groups(Vec<Item>),
    /// All groups together.
    Products(Products),
}

/// What is done with a group between products. Fields, components and
/// operations are places in the plan.
#[derive(Debug)]
pub enum Item {
    /// Neighbouring operations of a component.
    Operations {
        field: usize,
        component: usize,
        operations: Range<usize>,
    },
    /// On the way back: the ReLU of a product.
    Relu {
        field: usize,
        component: usize,
        operation: usize,
    },
    /// The weighted sum of a routed field.
    Sum { field: usize },
    /// The end of a shared field: nothing on the way there.
    End { field: usize },
}

/// Dense layers that can be computed at once.
pub struct Products {
    /// The layers.
    pub layers: Vec<Product>,
    /// Places of their outputs, in order.
    pub outputs: Vec<Range<usize>>,
}

/// A dense layer.
pub struct Product {
    /// Field and component; none for a head.
    pub owner: Option<(usize, usize)>,
    /// Places of input and output among the activations.
    pub input: Range<usize>,
    pub output: Range<usize>,
    /// Place of weights and biases.
    pub parameters: Range<usize>,
    pub relu: bool,
    /// True if the gradient of the input is wanted.
    pub wanted: bool,
    /// True if others give the input a gradient too.
    pub shared: bool,
}

impl Product {
    fn new(operation: &Operation, place: &OperationLayout) -> Self {
        Self {
            owner: None,
            input: place.input.clone(),
            output: place.output.clone(),
            parameters: operation.parameters.clone(),
            relu: operation.relu,
            wanted: true,
            shared: false,
        }
    }
}

impl Products {
    fn new(layers: Vec<Product>) -> Self {
        Self {
            outputs: layers.iter().map(|l| l.output.clone()).collect(),
            layers,
        }
    }
}

impl Program {
    /// The program of a plan; none if it has no product.
    pub fn new(plan: &Plan, layout: &Layout) -> Option<Self> {
        let heads: Vec<_> = (plan.heads.iter().zip(&layout.heads))
            .map(|(head, place)| {
                let operation = &head.stack.operations[0];
                is_product(operation).then(|| {
                    let product = Product {
                        wanted: layout.wants_features_gradient,
                        ..Product::new(operation, place)
                    };
                    Products::new(vec![product])
                })
            })
            .collect();
        let has_product = |field: &FieldPlan| {
            let mut operations = field.components.iter().flat_map(|c| &c.operations);
            operations.any(is_product)
        };
        let first = plan.fields.iter().position(|field| has_product(field));
        if first.is_none() && heads.iter().all(Option::is_none) {
            return None;
        }
        let first = first.unwrap_or(plan.fields.len());
        let parts = parts(plan, layout, first);
        let in_fields = parts.iter().flat_map(Part::all);
        let in_fields = in_fields.filter_map(|step| match step {
            Step::Products(products) => Some(products),
            Step::Groups(_) => None,
        });
        let products = in_fields.chain(heads.iter().flatten());
        let mut parameters: Vec<_> = products
            .flat_map(|products| &products.layers)
            .map(|layer| layer.parameters.clone())
            .collect();
        parameters.sort_by_key(|range| range.start);
        Some(Self {
            first,
            parts,
            heads,
            parameters,
        })
    }

    /// The steps of a task, in order.
    pub fn steps(&self, task: usize) -> impl DoubleEndedIterator<Item = &Step> {
        self.parts.iter().flat_map(move |part| part.of(task))
    }
}

/// The steps of the fields from `first` on.
fn parts(plan: &Plan, layout: &Layout, first: usize) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (f, field) in plan.fields.iter().enumerate().skip(first) {
        let components = 0..field.components.len();
        let append = |steps: &mut Vec<Step>, components: Range<usize>| {
            Builder { steps, components }.field(plan, layout, f);
        };
        if field.private {
            let of_task = |task: usize| {
                let mut steps = Vec::new();
                append(&mut steps, task..task + 1);
                steps
            };
            parts.push(Part::Private(components.map(of_task).collect()));
            continue;
        }
        if !matches!(parts.last(), Some(Part::Common(_))) {
            parts.push(Part::Common(Vec::new()));
        }
        if let Some(Part::Common(steps)) = parts.last_mut() {
            append(steps, components);
        }
    }
    parts
}

fn is_product(operation: &Operation) -> bool {
    Reason::is_product(operation)
}

/// Appends the steps of some components of a field.
struct Builder<'a> {
    steps: &'a mut Vec<Step>,
    components: Range<usize>,
}

impl Builder<'_> {
    fn field(&mut self, plan: &Plan, layout: &Layout, f: usize) {
        let (field, places) = (&plan.fields[f], &layout.fields[f]);
        // Where each component stands, and which product comes there.
        let mut at = vec![0; field.components.len()];
        loop {
            let mut layers = Vec::new();
            for c in self.components.clone() {
                let operations = &field.components[c].operations;
                let rest = &operations[at[c]..];
                let len = rest.iter().position(is_product).unwrap_or(rest.len());
                if len > 0 {
                    let operations = at[c]..at[c] + len;
                    self.item(Item::Operations {
                        field: f,
                        component: c,
                        operations,
                    });
                }
                at[c] += len;
                if let Some(operation) = operations.get(at[c]) {
                    let is_first = at[c] == 0;
                    layers.push(Product {
                        owner: Some((f, c)),
                        wanted: !is_first || places.wants_input_gradient,
                        shared: is_first,
                        ..Product::new(operation, &places.components[c].operations[at[c]])
                    });
                    at[c] += 1;
                }
            }
            if layers.is_empty() {
                break;
            }
            let relus: Vec<Item> = (layers.iter())
                .filter_map(|layer| {
                    let (_, component) = layer.owner?;
                    let is_last = at[component] == field.components[component].operations.len();
                    // The weighted sum takes the gradient through the last one.
                    let own = layer.relu && !(is_last && field.routed.is_some());
                    own.then(|| Item::Relu {
                        field: f,
                        component,
                        operation: at[component] - 1,
                    })
                })
                .collect();
            self.steps.push(Step::Products(Products::new(layers)));
            relus.into_iter().for_each(|relu| self.item(relu));
        }
        if field.routed.is_some() {
            self.item(Item::Sum { field: f });
        } else if !field.components[0].operations.is_empty() {
            self.item(Item::End { field: f });
        }
    }

    fn item(&mut self, item: Item) {
        match self.steps.last_mut() {
            Some(Step::Groups(items)) => items.push(item),
            _ => self.steps.push(Step::Groups(vec![item])),
        }
    }
}
