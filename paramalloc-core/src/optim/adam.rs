//! Adam, and AdamW with its decoupled weight decay.

use serde::{Deserialize, Serialize};

use super::optimizer::{Optimizer, UpdateStep};
use crate::error::Error;
use paramalloc_kernels::Level;
use paramalloc_kernels::adam::{self, Constants};

/// Settings of [`Adam`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AdamSettings {
    /// Decay of the first and of the second moment, 0 to below 1.
    pub betas: [f64; 2],
    /// Added to the root of the second moment, above 0.
    pub epsilon: f64,
}

impl Default for AdamSettings {
    fn default() -> Self {
        Self {
            betas: [0.9, 0.999],
            epsilon: 1e-8,
        }
    }
}

/// Settings of [`Adam`] with decoupled weight decay.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct AdamWSettings {
    /// Decay of the first and of the second moment, 0 to below 1.
    pub betas: [f64; 2],
    /// Added to the root of the second moment, above 0.
    pub epsilon: f64,
    /// What a parameter loses at each update, times the learning rate; 0 or
    /// more. Biases and the routers' parameters lose nothing.
    pub weight_decay: f64,
}

impl Default for AdamWSettings {
    fn default() -> Self {
        let AdamSettings { betas, epsilon } = AdamSettings::default();
        Self {
            betas,
            epsilon,
            weight_decay: 0.01,
        }
    }
}

setters!(AdamSettings {
    /// Sets the decay of the first and of the second moment, 0 to below 1.
    betas([f64; 2]);
    /// Sets what is added to the root of the second moment, above 0.
    epsilon(f64);
});
setters!(AdamWSettings {
    /// Sets the decay of the first and of the second moment, 0 to below 1.
    betas([f64; 2]);
    /// Sets what is added to the root of the second moment, above 0.
    epsilon(f64);
    /// Sets what a parameter loses at each update, times the learning rate; 0
    /// or more.
    weight_decay(f64);
});

/// Adam (Kingma and Ba, 2015):
///
/// ```text
/// m = beta1 * m + (1 - beta1) * g
/// v = beta2 * v + (1 - beta2) * g^2
/// lr_k = learning_rate * sqrt(1 - beta2^k) / (1 - beta1^k)
/// theta -= lr_k * m / (sqrt(v) + epsilon)
/// ```
///
/// and with weight decay (AdamW; Loshchilov and Hutter, 2019) before that
/// `theta *= 1 - learning_rate * weight_decay`.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    settings: AdamWSettings,
    /// `sqrt(1 - beta2^k)` and `1 - beta1^k` of the current update.
    corrections: [f64; 2],
    name: &'static str,
}

impl Adam {
    /// Adam without weight decay.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn new(settings: AdamSettings) -> Result<Self, Error> {
        let AdamSettings { betas, epsilon } = settings;
        let settings = AdamWSettings {
            betas,
            epsilon,
            weight_decay: 0.0,
        };
        Self::with_name(settings, "adam")
    }

    /// Adam with decoupled weight decay.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn with_weight_decay(settings: AdamWSettings) -> Result<Self, Error> {
        Self::with_name(settings, "adamw")
    }

    fn with_name(settings: AdamWSettings, name: &'static str) -> Result<Self, Error> {
        let AdamWSettings {
            betas,
            epsilon,
            weight_decay,
        } = settings;
        // They meet the parameters as f32.
        let narrow = epsilon as f32;
        if !(narrow > 0.0 && narrow.is_finite()) {
            let expected = "a finite number above 0";
            return Err(Error::setting("epsilon", epsilon, expected));
        }
        if betas.iter().any(|beta| !(0.0..1.0).contains(beta)) {
            let expected =
                "two numbers of at least 0 and below 1; the usual values are 0.9 and 0.999";
            return Err(Error::setting("betas", format!("{betas:?}"), expected));
        }
        if !(weight_decay >= 0.0 && (weight_decay as f32).is_finite()) {
            let expected = "a finite number of at least 0";
            return Err(Error::setting("weight_decay", weight_decay, expected));
        }
        Ok(Self {
            settings,
            corrections: [1.0, 1.0],
            name,
        })
    }

    /// The constants of the current update.
    pub(crate) fn constants(&self, step: UpdateStep) -> Constants {
        let [beta1, beta2] = self.settings.betas;
        let [root, rest] = self.corrections;
        let decay = if step.decays {
            step.learning_rate * self.settings.weight_decay
        } else {
            0.0
        };
        Constants {
            beta1: beta1 as f32,
            new1: (1.0 - beta1) as f32,
            beta2: beta2 as f32,
            new2: (1.0 - beta2) as f32,
            epsilon: self.settings.epsilon as f32,
            learning_rate: (step.learning_rate * root / rest) as f32,
            shrink: (1.0 - decay) as f32,
        }
    }
}

impl Optimizer for Adam {
    fn name(&self) -> &str {
        self.name
    }

    fn slots(&self) -> &[&str] {
        &["m", "v"]
    }

    fn begin(&mut self, number: u64) {
        let [beta1, beta2] = self.settings.betas;
        let k = number as f64;
        self.corrections = [(1.0 - beta2.powf(k)).sqrt(), 1.0 - beta1.powf(k)];
    }

    fn update(
        &self,
        step: UpdateStep,
        state: &mut [&mut [f32]],
        parameters: &mut [f32],
        gradient: Option<&[f32]>,
    ) {
        let [m, v] = state else {
            unreachable!("Adam has two slots");
        };
        let constants = self.constants(step);
        adam::update(Level::detect(), &constants, parameters, m, v, gradient);
    }
}

#[cfg(test)]
mod tests;
