//! How much of the network a task uses.

use crate::network::plan::{FieldPlan, Plan};

/// Parameters and multiply-adds of a network, or of the part that a task
/// uses; heads are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Model parameters.
    pub parameters: u64,
    /// Multiply-adds per example of convolutions and dense layers at
    /// evaluation.
    pub multiply_adds: u64,
}

impl Usage {
    /// What the components with a weight other than 0 need; `weights` has an
    /// entry for each component of all routed layers.
    pub fn active(plan: &Plan, weights: &[f32]) -> Self {
        Self::count(plan, |field, j| weights[field.first_component + j] != 0.0)
    }

    /// What the whole network needs for one task: what others alone see of a
    /// field with gates is left out, as their heads are.
    pub fn whole(plan: &Plan) -> Self {
        Self::count(plan, |field, j| {
            let gates = field.gate.iter().flat_map(|gate| &gate.tasks);
            let mut first = gates.take(1);
            first.all(|gate| gate.components.contains(&j))
        })
    }

    /// `is_active` is asked about the components of routed fields.
    fn count(plan: &Plan, is_active: impl Fn(&FieldPlan, usize) -> bool) -> Self {
        let mut usage = Self::default();
        for field in &plan.fields {
            // One gate: like heads, those of other tasks are left out.
            if let Some(gate) = &field.gate {
                usage.parameters += gate.parameters() as u64;
                usage.multiply_adds += gate.multiply_adds();
            }
            for (j, stack) in field.components.iter().enumerate() {
                // Like a head, a private component is there for one task.
                let used = match field.routed {
                    Some(_) => is_active(field, j),
                    None => j == 0,
                };
                if used {
                    usage.parameters += stack.parameters.len() as u64;
                    usage.multiply_adds += stack.multiply_adds();
                }
            }
        }
        usage
    }
}
