//! The learned method: binary choices by the straight-through Gumbel-softmax.

use serde::{Deserialize, Serialize};

use super::router::{Draw, Router};
use crate::error::Error;

/// Gumbel matrix router (paper, section 3): each task has a pair of logits
/// per component, `[on, off]`, and uses the component with probability
/// `softmax(logits)[on]`. In training the choice is drawn with Gumbel noise
/// and learned through its relaxation; at evaluation the larger logit
/// decides, and a tie means on.
///
/// The weights are the mean over the active components:
/// `w = y / max(sum(y), 1)` for choices `y` of 0 or 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GumbelMatrix {
    /// Initial connection probabilities.
    pub probs_init: ProbsInit,
}

/// Initial connection probabilities, each above 0 and below 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "probs_init must be a number or numbers by task and component, [[0.5, 0.9], ..]"
)]
pub enum ProbsInit {
    /// One for all entries.
    Same(f64),
    /// One per entry, `[tasks][components]`.
    Each(Vec<Vec<f64>>),
}

impl From<f64> for ProbsInit {
    fn from(probability: f64) -> Self {
        Self::Same(probability)
    }
}

impl From<Vec<Vec<f64>>> for ProbsInit {
    fn from(probabilities: Vec<Vec<f64>>) -> Self {
        Self::Each(probabilities)
    }
}

impl Default for ProbsInit {
    fn default() -> Self {
        Self::Same(0.5)
    }
}

impl ProbsInit {
    fn entry(&self, task: usize, component: usize) -> f64 {
        match self {
            Self::Same(p) => *p,
            Self::Each(rows) => rows[task][component],
        }
    }

    /// Checks the range of the values, and the shape against the numbers of
    /// tasks and components.
    fn check(&self, tasks: usize, components: usize) -> Result<(), Error> {
        if let Self::Each(rows) = self {
            if rows.len() != tasks {
                let found = rows.len();
                return Err(Error::ProbsInitRows { found, tasks });
            }
            let other = |entries: &Vec<f64>| entries.len() != components;
            if let Some(row) = rows.iter().position(other) {
                return Err(Error::ProbsInitRow {
                    row,
                    found: rows[row].len(),
                    components,
                });
            }
        }
        self.check_range()
    }

    /// Checks the range of the values.
    pub(super) fn check_range(&self) -> Result<(), Error> {
        let rows = match self {
            Self::Same(p) => return check_probability(*p, || "probs_init".to_string()),
            Self::Each(rows) => rows,
        };
        for (row, entries) in rows.iter().enumerate() {
            for (component, &p) in entries.iter().enumerate() {
                check_probability(p, || format!("probs_init[{row}][{component}]"))?;
            }
        }
        Ok(())
    }
}

fn check_probability(p: f64, name: impl FnOnce() -> String) -> Result<(), Error> {
    if p > 0.0 && p < 1.0 {
        return Ok(());
    }
    let expected = "above 0 and below 1; write 0.5 for an even start";
    Err(Error::setting(name(), p, expected))
}

/// `-ln(-ln(u + 1e-20) + 1e-20)`, standard Gumbel for `u ~ U[0, 1)`.
fn gumbel_noise(u: f32) -> f64 {
    -(-(f64::from(u) + 1e-20).ln() + 1e-20).ln()
}

/// First of `softmax([difference, 0])`.
fn sigmoid(difference: f64) -> f64 {
    1.0 / (1.0 + (-difference).exp())
}

/// `p (1 - p)`, exact also where `p` is near 1.
fn slope_of_sigmoid(difference: f64) -> f64 {
    sigmoid(difference) * sigmoid(-difference)
}

/// `on - off` of each pair of logits, with noise.
fn noisy_differences<'a>(row: &'a [f32], draw: Draw<'a>) -> impl Iterator<Item = f64> + Clone + 'a {
    let pairs = row.as_chunks::<2>().0.iter();
    (pairs.zip(draw.uniform.as_chunks::<2>().0)).map(|(logits, u)| {
        let on = f64::from(logits[0]) + gumbel_noise(u[0]);
        let off = f64::from(logits[1]) + gumbel_noise(u[1]);
        on - off
    })
}

/// `on - off` of each pair of logits.
fn differences(row: &[f32]) -> impl Iterator<Item = f64> + Clone + '_ {
    let pairs = row.as_chunks::<2>().0.iter();
    pairs.map(|logits| f64::from(logits[0]) - f64::from(logits[1]))
}

/// `w = y / max(sum(y), 1)` for the straight-through values `y`. The
/// temperature does not change which logit is larger, so `hard` is 1 where
/// the difference is not negative.
fn mean_of_active(differences: impl Iterator<Item = f64>, weights: &mut [f32]) {
    let mut active = 0;
    // One walk: each difference may have four logarithms in it.
    for (w, d) in weights.iter_mut().zip(differences) {
        *w = if d >= 0.0 { 1.0 } else { 0.0 };
        active += usize::from(d >= 0.0);
    }
    let weight = (1.0 / active.max(1) as f64) as f32;
    weights.iter_mut().for_each(|w| *w *= weight);
}

/// Adds the gradient of `on - off` to a pair.
fn add_to_pair(grad: &mut [f32; 2], of_difference: f64) {
    grad[0] += of_difference as f32;
    grad[1] -= of_difference as f32;
}

impl Router for GumbelMatrix {
    fn name(&self) -> &str {
        "gumbel_matrix"
    }

    fn row_width(&self) -> usize {
        2
    }

    fn uniforms(&self) -> usize {
        2
    }

    fn learns_from_inactive(&self) -> bool {
        true
    }

    fn check(&self, tasks: usize, components: usize) -> Result<(), Error> {
        self.probs_init.check(tasks, components)
    }

    fn initial_row(&self, task: usize, row: &mut [f32]) {
        for (component, pair) in row.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            let p = self.probs_init.entry(task, component);
            *pair = [p.ln() as f32, (1.0 - p).ln() as f32];
        }
    }

    fn sample(&self, _task: usize, row: &[f32], draw: Draw<'_>, weights: &mut [f32]) {
        mean_of_active(noisy_differences(row, draw), weights);
    }

    /// With `m = max(S, 1)` for `S = sum(y)`:
    /// `dL/dy_k = g_k / m - [S > 1] sum_j g_j y_j / m^2`, and
    /// `dy_k/d logits = +- s (1 - s) / T` by the relaxation `s`.
    fn sample_backward(
        &self,
        row: &[f32],
        draw: Draw<'_>,
        grad_weights: &[f32],
        grad_row: &mut [f32],
    ) {
        let differences = noisy_differences(row, draw);
        let (mut active, mut dot) = (0.0, 0.0);
        for (d, &g) in differences.clone().zip(grad_weights) {
            if d >= 0.0 {
                active += 1.0;
                dot += f64::from(g);
            }
        }
        let mean = f64::max(active, 1.0);
        let through_sum = if active > 1.0 {
            dot / (mean * mean)
        } else {
            0.0
        };
        let temperature = f64::from(draw.temperature);
        let pairs = grad_row.as_chunks_mut::<2>().0.iter_mut();
        for ((pair, d), &g) in pairs.zip(differences).zip(grad_weights) {
            let slope = slope_of_sigmoid(d / temperature) / temperature;
            add_to_pair(pair, (f64::from(g) / mean - through_sum) * slope);
        }
    }

    fn evaluate(&self, _task: usize, row: &[f32], weights: &mut [f32]) {
        mean_of_active(differences(row), weights);
    }

    fn probabilities(&self, _task: usize, row: &[f32], probabilities: &mut [f32]) {
        for (p, d) in probabilities.iter_mut().zip(differences(row)) {
            *p = sigmoid(d) as f32;
        }
    }

    fn probabilities_backward(
        &self,
        row: &[f32],
        grad_probabilities: &[f32],
        grad_row: &mut [f32],
    ) {
        let pairs = grad_row.as_chunks_mut::<2>().0.iter_mut();
        for ((pair, d), &g) in pairs.zip(differences(row)).zip(grad_probabilities) {
            add_to_pair(pair, f64::from(g) * slope_of_sigmoid(d));
        }
    }
}

#[cfg(test)]
mod tests;
