//! What a training run can be told.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::optim::AdamSettings;
use crate::penalty::Penalties;
use crate::routing::RouterSettings;

/// Settings of a training run. The number of threads is not among them: it
/// changes no result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
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
    /// The optimiser.
    pub adam: AdamSettings,
}

impl Default for TrainSettings {
    fn default() -> Self {
        Self {
            seed: 0,
            batch_size: 16,
            steps_per_task: 1000,
            router: RouterSettings::default(),
            penalties: Penalties::default(),
            adam: AdamSettings::default(),
        }
    }
}

impl TrainSettings {
    /// Checks the numbers of examples and steps.
    pub(super) fn check_counts(&self) -> Result<(), Error> {
        let counts = [
            ("batch_size", self.batch_size as u64),
            ("steps_per_task", self.steps_per_task),
        ];
        match counts.into_iter().find(|(_, count)| *count == 0) {
            Some((name, _)) => Err(Error::setting(name, 0, "at least 1")),
            None => Ok(()),
        }
    }
}
