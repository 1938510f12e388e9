//! Stochastic gradient descent with momentum.

use serde::{Deserialize, Serialize};

use super::optimizer::{Optimizer, UpdateStep};
use crate::error::Error;

/// Settings of [`Sgd`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SgdSettings {
    /// How much of the last update stays in the next, 0 (plain descent) to
    /// below 1.
    pub momentum: f64,
    /// Nesterov's form: the gradient is added to what it leads to.
    pub nesterov: bool,
}

impl Default for SgdSettings {
    fn default() -> Self {
        Self {
            momentum: 0.9,
            nesterov: false,
        }
    }
}

setters!(SgdSettings {
    /// Sets how much of the last update stays in the next, 0 to below 1.
    momentum(f64);
    /// Chooses Nesterov's form.
    nesterov(bool);
});

/// Gradient descent with momentum, in PyTorch's form:
///
/// ```text
/// b = momentum * b + g
/// theta -= learning_rate * b                     # plain
/// theta -= learning_rate * (g + momentum * b)    # Nesterov's
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sgd {
    settings: SgdSettings,
}

/// Momenta below this are set to 0: arithmetic on numbers near the smallest
/// is many times slower.
const SMALLEST: f32 = 1e-30;

impl Sgd {
    /// Descent with these settings.
    ///
    /// # Errors
    /// If the momentum is out of its range.
    pub fn new(settings: SgdSettings) -> Result<Self, Error> {
        // An f32 just below 1 may round to it.
        if !(settings.momentum >= 0.0 && (settings.momentum as f32) < 1.0) {
            let expected = "at least 0 and below 1";
            return Err(Error::setting("momentum", settings.momentum, expected));
        }
        Ok(Self { settings })
    }
}

impl Optimizer for Sgd {
    fn name(&self) -> &str {
        "sgd"
    }

    fn slots(&self) -> &[&str] {
        &["momentum"]
    }

    fn update(
        &self,
        step: UpdateStep,
        state: &mut [&mut [f32]],
        parameters: &mut [f32],
        gradient: Option<&[f32]>,
    ) {
        let [velocity] = state else {
            unreachable!("descent has one slot");
        };
        let (rate, momentum) = (step.learning_rate as f32, self.settings.momentum as f32);
        // One loop for both forms: the factor of the gradient itself, and that
        // of the velocity.
        let (direct, through) = match self.settings.nesterov {
            true => (rate, rate * momentum),
            false => (0.0, rate),
        };
        let values = parameters.iter_mut().zip(&mut **velocity);
        let one = |(p, b): (&mut f32, &mut f32), g: f32| {
            let sum = momentum * *b + g;
            *b = if sum.abs() < SMALLEST { 0.0 } else { sum };
            *p -= direct * g + through * *b;
        };
        match gradient {
            Some(gradient) => values.zip(gradient).for_each(|(value, &g)| one(value, g)),
            None => values.for_each(|value| one(value, 0.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trained(settings: SgdSettings) -> Vec<f32> {
        let sgd = Sgd::new(settings).unwrap();
        let (mut theta, mut velocity) = ([1.0_f32, -2.0], [0.0; 2]);
        for (number, gradient) in [Some([0.5, -1.0]), Some([0.25, 2.0]), None]
            .iter()
            .enumerate()
        {
            let step = UpdateStep {
                number: number as u64 + 1,
                learning_rate: 0.1,
                decays: true,
            };
            let gradient = gradient.as_ref().map(|g| g.as_slice());
            sgd.update(step, &mut [&mut velocity], &mut theta, gradient);
        }
        theta.to_vec()
    }

    /// ```python
    /// p = torch.tensor([1., -2.], dtype=torch.float64, requires_grad=True)
    /// o = torch.optim.SGD([p], lr=0.1, momentum=0.5, nesterov=n)
    /// for g in [[.5, -1.], [.25, 2.], [0., 0.]]:
    ///     p.grad = torch.tensor(g, dtype=torch.float64); o.step()
    /// ```
    ///
    /// by hand: velocities [0.5, -1], [0.5, 1.5], [0.25, 0.75].
    #[test]
    fn three_steps_are_those_of_the_formula() {
        let close = |given: &[f32], expected: [f64; 2]| {
            let pairs = given.iter().zip(expected);
            for (g, e) in pairs {
                assert!((f64::from(*g) - e).abs() < 1e-6, "{given:?} {expected:?}");
            }
        };
        let half = SgdSettings::default().momentum(0.5);
        close(&trained(half), [0.875, -2.125]);
        close(&trained(half.nesterov(true)), [0.8625, -2.1625]);
        close(
            &trained(SgdSettings::default().momentum(0.0)),
            [0.925, -2.1],
        );
    }

    #[test]
    fn the_momentum_has_a_range() {
        for momentum in [-0.1, 1.0, 1.0 - 1e-12, f64::NAN] {
            let error = Sgd::new(SgdSettings::default().momentum(momentum)).unwrap_err();
            assert!(error.to_string().starts_with("momentum = "), "{error}");
        }
    }
}
