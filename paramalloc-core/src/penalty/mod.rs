//! What is added to the task loss: penalties on the routers and L2.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::routing::Routers;

/// The penalties. For the current task's connection probabilities `P_lj` over
/// routed layers `l` and components `j`, `C` components in all routed layers:
///
/// | term | value |
/// |---|---|
/// | budget | `budget_penalty * max(0, sum P_lj / C - budget)` |
/// | connection | `connection_penalty * sum P_lj` |
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

    /// True if a term on the connection probabilities is on.
    fn on_routers(&self) -> bool {
        let weights = [
            self.budget_penalty,
            self.connection_penalty,
            self.disconnect_penalty,
            self.entropy_penalty,
        ];
        weights.iter().any(|&w| w > 0.0)
    }
}

/// The terms on the connection probabilities, each with its weight.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RouterTerms {
    /// Budget term.
    pub budget: f64,
    /// Connection term.
    pub connection: f64,
    /// Disconnect term.
    pub disconnect: f64,
    /// Entropy term.
    pub entropy: f64,
}

impl RouterTerms {
    /// All terms.
    pub fn sum(&self) -> f64 {
        self.budget + self.connection + self.disconnect + self.entropy
    }
}

/// Computes the terms on the connection probabilities, in buffers that it
/// keeps.
pub struct RouterPenalty {
    penalties: Penalties,
    /// Task steps of the whole run.
    pub total_task_steps: u64,
    probabilities: Vec<f32>,
    gradient: Vec<f64>,
    gradient_f32: Vec<f32>,
    /// Products of the factors before each component of a layer.
    products: Vec<f64>,
}

impl RouterPenalty {
    /// For `routers` and a run of so many task steps.
    ///
    /// # Errors
    /// As [`Penalties::check`].
    pub fn new(
        penalties: Penalties,
        routers: &Routers,
        total_task_steps: u64,
    ) -> Result<Self, Error> {
        penalties.check()?;
        let len = routers.component_len();
        Ok(Self {
            penalties,
            total_task_steps,
            probabilities: vec![0.0; len],
            gradient: vec![0.0; len],
            gradient_f32: vec![0.0; len],
            products: Vec::with_capacity(len),
        })
    }

    /// The terms for `task` at `global_step`. Adds their gradient to
    /// `gradient`, of the length of the routers' parameters.
    pub fn add(
        &mut self,
        routers: &Routers,
        task: usize,
        global_step: u64,
        gradient: &mut [f32],
    ) -> RouterTerms {
        let mut terms = RouterTerms::default();
        if !self.penalties.on_routers() {
            return terms;
        }
        routers.task_probabilities(task, &mut self.probabilities);
        self.gradient.fill(0.0);
        self.add_sums(routers, &mut terms);
        let weight = self.entropy_weight(global_step);
        for layer in routers.layers.iter().filter(|l| l.is_learned()) {
            let p = &self.probabilities[layer.components.clone()];
            let grad = &mut self.gradient[layer.components.clone()];
            let weight_of_disconnect = self.penalties.disconnect_penalty;
            terms.disconnect += add_disconnect(p, weight_of_disconnect, grad, &mut self.products);
            terms.entropy += add_entropy(p, weight, grad);
        }
        for (narrow, &wide) in self.gradient_f32.iter_mut().zip(&self.gradient) {
            *narrow = wide as f32;
        }
        routers.probabilities_backward(task, &self.gradient_f32, gradient);
        terms
    }

    /// Budget and connection: functions of the sum of all probabilities.
    fn add_sums(&mut self, routers: &Routers, terms: &mut RouterTerms) {
        let Penalties {
            budget,
            budget_penalty,
            connection_penalty,
            ..
        } = self.penalties;
        let learned = routers.layers.iter().filter(|l| l.is_learned());
        let sum: f64 = learned
            .flat_map(|l| &self.probabilities[l.components.clone()])
            .map(|&p| f64::from(p))
            .sum();
        let all = routers.component_len() as f64;
        let excess = sum / all - budget;
        let mut slope = connection_penalty;
        if excess > 0.0 {
            terms.budget = budget_penalty * excess;
            slope += budget_penalty / all;
        }
        terms.connection = connection_penalty * sum;
        // Fixed routers ignore it.
        self.gradient.fill(slope);
    }

    fn entropy_weight(&self, global_step: u64) -> f64 {
        let progress = global_step as f64 / self.total_task_steps.max(1) as f64;
        self.penalties.entropy_penalty * progress.powf(self.penalties.entropy_penalty_alpha)
    }
}

/// `weight * prod_j (1 - P_j)`; its slope by `P_j` is the product of the
/// others, taken from both ends so that a factor of 0 does no harm.
fn add_disconnect(
    probabilities: &[f32],
    weight: f64,
    gradient: &mut [f64],
    products: &mut Vec<f64>,
) -> f64 {
    if weight == 0.0 {
        return 0.0;
    }
    let off = |p: f32| 1.0 - f64::from(p);
    products.clear();
    let mut before = weight;
    for &p in probabilities {
        products.push(before);
        before *= off(p);
    }
    let mut after = 1.0;
    let places = gradient.iter_mut().zip(&*products).zip(probabilities);
    for ((g, before), &p) in places.rev() {
        *g -= before * after;
        after *= off(p);
    }
    before
}

/// `weight * sum_j H(P_j)`; `dH/dP = ln((1 - P) / P)`.
fn add_entropy(probabilities: &[f32], weight: f64, gradient: &mut [f64]) -> f64 {
    if weight == 0.0 {
        return 0.0;
    }
    let mut sum = 0.0;
    for (&p, g) in probabilities.iter().zip(gradient) {
        sum += binary_entropy(p);
        // At 0 and 1, where a probability ends up by rounding, the slope
        // would be infinite.
        let p = f64::from(p.clamp(f32::MIN_POSITIVE, 1.0 - f32::EPSILON / 2.0));
        *g += weight * ((1.0 - p) / p).ln();
    }
    weight * sum
}

/// `-p ln p - (1 - p) ln(1 - p)`, in nats: 0 to 0.693.
pub fn binary_entropy(p: f32) -> f64 {
    let part = |p: f64| if p > 0.0 { -p * p.ln() } else { 0.0 };
    part(f64::from(p)) + part(1.0 - f64::from(p))
}

#[cfg(test)]
mod tests;
