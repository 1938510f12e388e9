//! The penalties of this crate and their weights.

use serde::{Deserialize, Serialize};

use super::interface::Penalty;
use super::terms::{Budget, Connection, Disconnect, Entropy};
use super::unit::PenaltyUnit;
use crate::error::Error;

/// The penalties. For the current task's connection probabilities `P_lj` over
/// routed layers `l` and components `j`, `C` components in all routed layers, of
/// which one counts `c_lj`: 1, or by `budget_unit` its parameters or multiply-adds
/// in proportion to their mean over the components:
///
/// | term | value |
/// |---|---|
/// | budget | `budget_penalty * max(0, sum c_lj P_lj / C - budget)` |
/// | connection | `connection_penalty * sum c_lj P_lj` |
/// | disconnect | `disconnect_penalty * sum_l prod_j (1 - P_lj)` |
/// | entropy | `entropy_penalty * (global_step / total_task_steps)^alpha * sum H(P_lj)`, in nats |
/// | L2 | `l2_penalty * sum v^2 / 2` over all model parameters but biases |
///
/// A fixed router has no probabilities, so it adds nothing to the sums; its
/// components count in `C`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Penalties {
    /// Share of all components that a task may use on average without
    /// penalty, 0 to 1.
    pub budget: f64,
    /// What the budget and the connection term count.
    #[serde(skip_serializing_if = "PenaltyUnit::is_components")]
    pub budget_unit: PenaltyUnit,
    /// Weight of the budget term, 0 or more.
    pub budget_penalty: f64,
    /// Weight of the connection term, 0 or more.
    pub connection_penalty: f64,
    /// Weight of the disconnect term, 0 or more.
    pub disconnect_penalty: f64,
    /// Weight of the entropy term at the end of the run, 0 or more.
    pub entropy_penalty: f64,
    /// How late the entropy term grows, 0 (constant) or more.
    pub entropy_penalty_alpha: f64,
    /// Weight of the L2 term, 0 or more.
    pub l2_penalty: f64,
}

impl Default for Penalties {
    fn default() -> Self {
        Self {
            budget: 1.0,
            budget_unit: PenaltyUnit::Components,
            budget_penalty: 0.0,
            connection_penalty: 0.0,
            disconnect_penalty: 0.0,
            entropy_penalty: 0.0,
            entropy_penalty_alpha: 1.0,
            l2_penalty: 0.0,
        }
    }
}

setters!(Penalties {
    /// Sets the share of all components that a task may use on average
    /// without penalty, 0 to 1.
    budget(f64);
    /// Sets what the budget and the connection term count.
    budget_unit(PenaltyUnit);
    /// Sets the weight of the budget term, 0 or more.
    budget_penalty(f64);
    /// Sets the weight of the connection term, 0 or more.
    connection_penalty(f64);
    /// Sets the weight of the disconnect term, 0 or more.
    disconnect_penalty(f64);
    /// Sets the weight of the entropy term at the end of the run, 0 or more.
    entropy_penalty(f64);
    /// Sets how late the entropy term grows, 0 (constant) or more.
    entropy_penalty_alpha(f64);
    /// Sets the weight of the L2 term, 0 or more.
    l2_penalty(f64);
});

impl Penalties {
    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn check(&self) -> Result<(), Error> {
        let at_least_0 = [
            ("budget", self.budget),
            ("budget_penalty", self.budget_penalty),
            ("connection_penalty", self.connection_penalty),
            ("disconnect_penalty", self.disconnect_penalty),
            ("entropy_penalty", self.entropy_penalty),
            ("entropy_penalty_alpha", self.entropy_penalty_alpha),
            ("l2_penalty", self.l2_penalty),
        ];
        for (name, value) in at_least_0 {
            // The L2 penalty meets the parameters as an f32.
            if value < 0.0 || !(value as f32).is_finite() {
                let expected = "a finite number of at least 0; a penalty of 0 turns its term off";
                return Err(Error::setting(name, value, expected));
            }
        }
        if self.budget > 1.0 {
            let expected = "from 0 to 1: the share of all components that a task may use";
            return Err(Error::setting("budget", self.budget, expected));
        }
        Ok(())
    }

    /// The penalties on connection probabilities that are on.
    pub(super) fn on_connections(&self) -> Vec<Box<dyn Penalty>> {
        let Self {
            budget,
            budget_penalty,
            connection_penalty,
            disconnect_penalty,
            entropy_penalty,
            entropy_penalty_alpha,
            ..
        } = *self;
        let all: [(f64, Box<dyn Penalty>); 4] = [
            (
                budget_penalty,
                Box::new(Budget::new(budget, budget_penalty)),
            ),
            (
                connection_penalty,
                Box::new(Connection::new(connection_penalty)),
            ),
            (
                disconnect_penalty,
                Box::new(Disconnect::new(disconnect_penalty)),
            ),
            (
                entropy_penalty,
                Box::new(Entropy::new(entropy_penalty, entropy_penalty_alpha)),
            ),
        ];
        let on = all.into_iter().filter(|(weight, _)| *weight > 0.0);
        on.map(|(_, penalty)| penalty).collect()
    }
}
