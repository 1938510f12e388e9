//! Which parts of the flat parameter vector a task step reaches.

use std::ops::Range;

use crate::network::plan::Plan;

/// Whom a stretch of parameters belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Shared,
    /// Place among the components of all routed layers.
    Component(usize),
    /// A task: its head, its gates and its private components.
    Task(usize),
}

/// A stretch of parameters with one owner and one learning rate, all decayed by
/// L2 or none.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Place in the flat vector.
    pub range: Range<usize>,
    /// True if the L2 penalty counts it.
    pub decayed: bool,
    /// Factor of its learning rate.
    pub rate: f64,
    owner: Owner,
}

impl Segment {
    /// False if it is frozen.
    pub fn learns(&self) -> bool {
        self.rate != 0.0
    }

    /// From now on every step reaches it.
    pub fn reach_always(&mut self) {
        self.owner = Owner::Shared;
    }

    /// True if a step of `task` with these weights gives it a gradient.
    pub fn is_reached(&self, task: usize, weights: &[f32]) -> bool {
        match self.owner {
            Owner::Shared => true,
            Owner::Component(index) => weights[index] != 0.0,
            Owner::Task(owner) => owner == task,
        }
    }
}

/// The segments of a plan, in order; neighbours are merged, but for the
/// `apart` ones. `rates` are the factors of the learning rate of each
/// parameter.
pub fn segments(plan: &Plan, rates: &[f64], apart: &[Range<usize>]) -> Vec<Segment> {
    let mut owners = Vec::new();
    for field in &plan.fields {
        for (j, component) in field.components.iter().enumerate() {
            let owner = match field.routed {
                Some(_) => Owner::Component(field.first_component + j),
                None if field.private => Owner::Task(j),
                None => Owner::Shared,
            };
            owners.push((component.parameters.clone(), owner));
        }
        let gates = field.gate.iter().flat_map(|gate| &gate.tasks);
        for (task, gate) in gates.enumerate() {
            owners.push((gate.parameters.clone(), Owner::Task(task)));
        }
    }
    for (task, head) in plan.heads.iter().enumerate() {
        owners.push((head.stack.parameters.clone(), Owner::Task(task)));
    }
    let mut merged: Vec<Segment> = Vec::new();
    for (parameter, &rate) in plan.parameters.iter().zip(rates) {
        let (range, decayed) = (parameter.range.clone(), parameter.decayed);
        let Some(&(_, owner)) = owners.iter().find(|(o, _)| o.contains(&range.start)) else {
            continue;
        };
        let border = |apart: &Range<usize>| [apart.start, apart.end].contains(&range.start);
        let joins = !apart.iter().any(border);
        match merged.last_mut() {
            Some(last)
                if joins && (last.owner, last.decayed, last.rate) == (owner, decayed, rate) =>
            {
                last.range.end = range.end;
            }
            _ => merged.push(Segment {
                range,
                decayed,
                rate,
                owner,
            }),
        }
    }
    merged
}
