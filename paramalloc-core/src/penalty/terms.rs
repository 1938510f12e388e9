//! The penalties on connection probabilities.

use super::interface::{Connections, Penalty};

/// `weight * max(0, sum c_lj P_lj / C - budget)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    budget: f64,
    weight: f64,
}

/// `weight * sum c_lj P_lj`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connection {
    weight: f64,
}

/// `weight * sum_l prod_j (1 - P_lj)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Disconnect {
    weight: f64,
}

/// `weight * progress^alpha * sum H(P_lj)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entropy {
    weight: f64,
    alpha: f64,
}

impl Budget {
    pub(super) fn new(budget: f64, weight: f64) -> Self {
        Self { budget, weight }
    }
}

impl Connection {
    pub(super) fn new(weight: f64) -> Self {
        Self { weight }
    }
}

impl Disconnect {
    pub(super) fn new(weight: f64) -> Self {
        Self { weight }
    }
}

impl Entropy {
    pub(super) fn new(weight: f64, alpha: f64) -> Self {
        Self { weight, alpha }
    }
}

impl Penalty for Budget {
    fn name(&self) -> &str {
        "budget"
    }

    fn on_connections(&self, connections: &Connections<'_>, gradient: &mut [f64]) -> f64 {
        let all = connections.counted() as f64;
        let excess = sum(connections) / all - self.budget;
        if excess <= 0.0 {
            return 0.0;
        }
        add_costs(connections, self.weight / all, gradient);
        self.weight * excess
    }
}

impl Penalty for Connection {
    fn name(&self) -> &str {
        "connection"
    }

    fn on_connections(&self, connections: &Connections<'_>, gradient: &mut [f64]) -> f64 {
        add_costs(connections, self.weight, gradient);
        self.weight * sum(connections)
    }
}

impl Penalty for Disconnect {
    fn name(&self) -> &str {
        "disconnect"
    }

    fn on_connections(&self, connections: &Connections<'_>, gradient: &mut [f64]) -> f64 {
        let learned = connections.layers().filter(|layer| layer.is_learned);
        learned.fold(0.0, |total, layer| {
            let gradient = &mut gradient[layer.components];
            total + add_disconnect(layer.probabilities, self.weight, gradient)
        })
    }
}

impl Penalty for Entropy {
    fn name(&self) -> &str {
        "entropy"
    }

    fn on_connections(&self, connections: &Connections<'_>, gradient: &mut [f64]) -> f64 {
        let weight = self.weight * connections.step.progress().powf(self.alpha);
        if weight == 0.0 {
            return 0.0;
        }
        let learned = connections.layers().filter(|layer| layer.is_learned);
        learned.fold(0.0, |total, layer| {
            let gradient = &mut gradient[layer.components];
            total + add_entropy(layer.probabilities, weight, gradient)
        })
    }
}

/// Sum of the probabilities of learned routers, each times what its component
/// counts.
fn sum(connections: &Connections<'_>) -> f64 {
    let learned = connections.layers().filter(|layer| layer.is_learned);
    let all = learned.flat_map(|layer| {
        let costs = &connections.costs[layer.components];
        layer.probabilities.iter().zip(costs)
    });
    all.map(|(&p, cost)| cost * f64::from(p)).sum()
}

/// The gradient of `weight` times [`sum`].
fn add_costs(connections: &Connections<'_>, weight: f64, gradient: &mut [f64]) {
    let costs = gradient.iter_mut().zip(connections.costs);
    costs.for_each(|(g, cost)| *g += weight * cost);
}

/// `weight * prod_j (1 - P_j)`; its slope by `P_j` is the product of the
/// others, so that a factor of 0 does no harm.
fn add_disconnect(probabilities: &[f32], weight: f64, gradient: &mut [f64]) -> f64 {
    let off = |p: f32| 1.0 - f64::from(p);
    let mut before = weight;
    for (j, g) in gradient.iter_mut().enumerate() {
        let after = probabilities[j + 1..].iter().rev();
        *g -= before * after.fold(1.0, |product, &p| product * off(p));
        before *= off(probabilities[j]);
    }
    before
}

/// `weight * sum_j H(P_j)`; `dH/dP = ln((1 - P) / P)`.
fn add_entropy(probabilities: &[f32], weight: f64, gradient: &mut [f64]) -> f64 {
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
