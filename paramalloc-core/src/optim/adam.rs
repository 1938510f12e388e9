//! Adam over flat slices. Every parameter is updated at every task step,
//! also where the step gave it no gradient.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Settings of the optimiser.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdamSettings {
    /// Learning rate of the model parameters, above 0.
    pub learning_rate: f64,
    /// Learning rate of the routers' parameters, above 0; absent: the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub router_learning_rate: Option<f64>,
    /// Decay of the first and of the second moment, 0 to below 1.
    pub betas: [f64; 2],
    /// Added to the root of the second moment, above 0.
    pub epsilon: f64,
    /// Largest norm of all gradients together, above 0; absent: no clipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
}

impl Default for AdamSettings {
    fn default() -> Self {
        Self {
            learning_rate: 1e-3,
            router_learning_rate: None,
            betas: [0.9, 0.999],
            epsilon: 1e-8,
            clip_norm: None,
        }
    }
}

impl AdamSettings {
    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn check(&self) -> Result<(), Error> {
        let above_0 = [
            ("learning_rate", Some(self.learning_rate)),
            ("router_learning_rate", self.router_learning_rate),
            ("epsilon", Some(self.epsilon)),
            ("clip_norm", self.clip_norm),
        ];
        for (name, value) in above_0 {
            // They meet the parameters as f32.
            let in_range = |v: &f64| *v as f32 > 0.0 && (*v as f32).is_finite();
            if let Some(value) = value.filter(|v| !in_range(v)) {
                return Err(Error::setting(name, value, "a finite number above 0"));
            }
        }
        match self.betas.iter().find(|beta| !(0.0..1.0).contains(*beta)) {
            Some(_) => {
                let value = format!("{:?}", self.betas);
                let expected =
                    "two numbers of at least 0 and below 1; the usual values are 0.9 and 0.999";
                Err(Error::setting("betas", value, expected))
            }
            None => Ok(()),
        }
    }

    /// The constants of update `step`, counted from 1, for the parameter
    /// group with this learning rate: `lr_k = lr * sqrt(1 - beta2^k) / (1 -
    /// beta1^k)`.
    fn update(&self, learning_rate: f64, step: u64, scale: f32) -> Update {
        let [beta1, beta2] = self.betas;
        let k = step as f64;
        let corrected = learning_rate * (1.0 - beta2.powf(k)).sqrt() / (1.0 - beta1.powf(k));
        Update {
            beta1: beta1 as f32,
            new1: (1.0 - beta1) as f32,
            beta2: beta2 as f32,
            new2: (1.0 - beta2) as f32,
            epsilon: self.epsilon as f32,
            learning_rate: corrected as f32,
            scale,
        }
    }
}

/// The constants of one update of one parameter group:
///
/// ```text
/// g = scale * (gradient + l2 * theta)
/// m = beta1 * m + (1 - beta1) * g
/// v = beta2 * v + (1 - beta2) * g^2
/// theta -= lr_k * m / (sqrt(v) + epsilon)
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Update {
    /// Decay of the first moment.
    pub beta1: f32,
    /// `1 - beta1`, rounded once.
    pub new1: f32,
    /// Decay of the second moment.
    pub beta2: f32,
    /// `1 - beta2`, rounded once.
    pub new2: f32,
    /// Epsilon.
    pub epsilon: f32,
    /// `lr_k`.
    pub learning_rate: f32,
    /// Factor of the gradient that clips it.
    pub scale: f32,
}

/// Moments below these are set to 0. Without gradient a first moment would
/// end up between 0 and the smallest normal number and stay there, and
/// arithmetic on such numbers is many times slower. Next to any usual epsilon
/// both are nothing.
const SMALLEST: [f32; 2] = [1e-30, 1e-35];

impl Update {
    /// Updates a range of parameters with its moments. Without `gradient` it
    /// is 0. `l2` is the factor of the L2 penalty where it is not in the
    /// gradient already. All slices have the same length. Each parameter is
    /// computed by itself: cutting a range in parts changes nothing.
    pub fn apply(
        &self,
        parameters: &mut [f32],
        m: &mut [f32],
        v: &mut [f32],
        gradient: Option<&[f32]>,
        l2: f32,
    ) {
        debug_assert_eq!((parameters.len(), m.len()), (m.len(), v.len()));
        let values = parameters.iter_mut().zip(m).zip(v);
        match gradient {
            Some(gradient) => {
                for (((p, m), v), &g) in values.zip(gradient) {
                    self.one(p, m, v, g + l2 * *p);
                }
            }
            None => {
                for ((p, m), v) in values {
                    self.one(p, m, v, l2 * *p);
                }
            }
        }
    }

    #[inline(always)]
    fn one(&self, p: &mut f32, m: &mut f32, v: &mut f32, gradient: f32) {
        let g = self.scale * gradient;
        let first = self.beta1 * *m + self.new1 * g;
        let second = self.beta2 * *v + self.new2 * (g * g);
        *m = if first.abs() < SMALLEST[0] {
            0.0
        } else {
            first
        };
        *v = if second < SMALLEST[1] { 0.0 } else { second };
        *p -= self.learning_rate * *m / (v.sqrt() + self.epsilon);
    }
}

/// First and second moments of a parameter group, in the order of its flat
/// parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Moments {
    /// First moments.
    pub m: Vec<f32>,
    /// Second moments.
    pub v: Vec<f32>,
}

impl Moments {
    /// Zeros for this many parameters.
    pub fn zeros(len: usize) -> Self {
        Self {
            m: vec![0.0; len],
            v: vec![0.0; len],
        }
    }
}

/// Counts the updates. Model parameters and router parameters are two groups
/// with learning rates of their own; whoever holds the parameters of a group
/// holds its [`Moments`] too.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    /// The settings.
    pub settings: AdamSettings,
    /// Updates done: task steps.
    pub step: u64,
}

/// The constants of one update of both groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Updates {
    /// For the model parameters.
    pub model: Update,
    /// For the routers' parameters.
    pub router: Update,
}

impl Adam {
    /// The state before the first step.
    ///
    /// # Errors
    /// As [`AdamSettings::check`].
    pub fn new(settings: AdamSettings) -> Result<Self, Error> {
        settings.check()?;
        Ok(Self { settings, step: 0 })
    }

    /// Counts one step and gives its constants. `norm` is the Euclidean norm
    /// of all gradients together, L2 in them; it is needed for clipping only.
    pub fn next_step(&mut self, norm: Option<f64>) -> Updates {
        self.step += 1;
        let settings = &self.settings;
        let scale = match (settings.clip_norm, norm) {
            (Some(clip), Some(norm)) if norm > clip => (clip / norm) as f32,
            _ => 1.0,
        };
        let router = settings.router_learning_rate;
        let router = router.unwrap_or(settings.learning_rate);
        Updates {
            model: settings.update(settings.learning_rate, self.step, scale),
            router: settings.update(router, self.step, scale),
        }
    }
}

#[cfg(test)]
mod tests;
