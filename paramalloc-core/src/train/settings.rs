//! What a training run can be told.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::freeze::Freeze;
use super::rates::{Rates, Said};
use crate::engine::cpu::Convolution;
use crate::error::Error;
use crate::network::plan::Plan;
use crate::optim::{OptimizerSettings, ScheduleSettings};
use crate::penalty::Penalties;
use crate::routing::{RouterSettings, Routers};

/// Settings of a training run. The number of threads is not among them: it
/// changes no result.
///
/// ```
/// use paramalloc_core::optim::SgdSettings;
/// use paramalloc_core::train::TrainSettings;
///
/// let settings = TrainSettings::default()
///     .batch_size(32)
///     .learning_rate(0.05)
///     .optimizer(SgdSettings::default().momentum(0.8))
///     .clip_norm(1.0);
/// assert!(settings.check().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TrainSettings {
    /// Seed of every random choice.
    pub seed: u64,
    /// Examples per task step, at least 1.
    pub batch_size: usize,
    /// Task steps of each task, at least 1.
    pub steps_per_task: u64,
    /// How the routed layers are routed.
    pub router: RouterSettings,
    /// The auxiliary losses.
    pub penalties: Penalties,
    /// Learning rate of the model's parameters, above 0.
    pub learning_rate: f64,
    /// Learning rate of the routers' parameters, above 0; absent: the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub router_learning_rate: Option<f64>,
    /// Largest Euclidean norm of all gradients together, above 0: a longer
    /// one is scaled down to it. Absent: no clipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// The optimizer.
    pub optimizer: OptimizerSettings,
    /// How both learning rates change over the run.
    pub schedule: ScheduleSettings,
    /// Parts of the network that do not learn.
    #[serde(skip_serializing_if = "Freeze::is_empty")]
    pub freeze: Freeze,
    /// Learning rates of parts of the network by their paths, each above 0: of
    /// a parameter under several, that of the longest.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub learning_rates: BTreeMap<String, f64>,
    /// So many of the first tasks are not trained: what they have alone keeps its
    /// bits (heads, private layers, rows of routers, gates with their private components).
    /// 0: all tasks are trained.
    #[serde(skip_serializing_if = "is_zero")]
    pub frozen_tasks: usize,
    /// How wide convolutions are computed on the CPU.
    pub convolution: Convolution,
}

// The form is serde's.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Default for TrainSettings {
    fn default() -> Self {
        Self {
            seed: 0,
            batch_size: 16,
            steps_per_task: 1000,
            router: RouterSettings::default(),
            penalties: Penalties::default(),
            learning_rate: 1e-3,
            router_learning_rate: None,
            clip_norm: None,
            optimizer: OptimizerSettings::default(),
            schedule: ScheduleSettings::default(),
            freeze: Freeze::default(),
            learning_rates: BTreeMap::new(),
            frozen_tasks: 0,
            convolution: Convolution::default(),
        }
    }
}

setters!(TrainSettings {
    /// Sets the seed of every random choice.
    seed(u64);
    /// Sets the number of examples per task step, at least 1.
    batch_size(usize);
    /// Sets the number of task steps of each task, at least 1.
    steps_per_task(u64);
    /// Sets how the routed layers are routed.
    router(RouterSettings);
    /// Sets the penalties.
    penalties(Penalties);
    /// Sets the learning rate of the model's parameters, above 0.
    learning_rate(f64);
    /// Sets the learning rate of the routers' parameters, above 0.
    router_learning_rate(Option<f64>);
    /// Sets the largest norm of all gradients together, above 0.
    clip_norm(Option<f64>);
    /// Chooses the optimizer: its settings, [`AdamSettings`] for example.
    ///
    /// [`AdamSettings`]: crate::optim::AdamSettings
    optimizer(into OptimizerSettings);
    /// Chooses how the learning rates change over the run.
    schedule(ScheduleSettings);
    /// Sets which parts of the network do not learn: [`Freeze::all`], or paths.
    freeze(into Freeze);
    /// Sets how many of the first tasks are not trained.
    frozen_tasks(usize);
    /// Chooses how wide convolutions are computed on the CPU.
    convolution(Convolution);
});

impl TrainSettings {
    /// Sets the learning rate of the parameters under a path, above 0.
    #[must_use]
    pub fn learning_rate_of(mut self, path: impl Into<String>, rate: f64) -> Self {
        self.learning_rates.insert(path.into(), rate);
        self
    }

    /// Checks what depends on the network, resolved for its tasks: that its
    /// routers can be as the settings say, and that there is something at each
    /// path.
    ///
    /// # Errors
    /// Names the first setting that does not fit.
    pub fn check_network(&self, plan: &Plan) -> Result<(), Error> {
        let routers = Routers::new(&self.router, plan)?;
        Rates::new(self.rates(), plan, &routers).map(drop)
    }

    /// What it says about learning rates.
    pub(super) fn rates(&self) -> Said<'_> {
        let usual = self.learning_rate;
        Said {
            freeze: &self.freeze,
            own: &self.learning_rates,
            frozen_tasks: self.frozen_tasks,
            usual: [usual, self.router_learning_rate.unwrap_or(usual)],
        }
    }

    /// Checks the ranges of all settings that can be checked without a
    /// network.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn check(&self) -> Result<(), Error> {
        let counts = [
            ("batch_size", self.batch_size as u64),
            ("steps_per_task", self.steps_per_task),
        ];
        if let Some((name, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            return Err(Error::setting(name, 0, "at least 1"));
        }
        let above_0 = [
            ("learning_rate", Some(self.learning_rate)),
            ("router_learning_rate", self.router_learning_rate),
            ("clip_norm", self.clip_norm),
        ];
        // They meet the parameters as f32.
        let in_range = |v: f64| v as f32 > 0.0 && (v as f32).is_finite();
        for (name, value) in above_0 {
            if let Some(value) = value.filter(|&v| !in_range(v)) {
                return Err(Error::setting(name, value, "a finite number above 0"));
            }
        }
        for (path, &rate) in &self.learning_rates {
            if !in_range(rate) {
                let name = format!("learning_rates.{path}");
                let expected = "a finite number above 0; write it into freeze to leave it as it is";
                return Err(Error::setting(name, rate, expected));
            }
        }
        self.router.check()?;
        self.penalties.check()?;
        self.schedule.check()?;
        self.optimizer.build().map(drop)
    }
}
