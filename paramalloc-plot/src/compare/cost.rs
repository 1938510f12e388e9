//! What a run needs: multiply-adds and time.

use std::path::Path;

use paramalloc_core::summary::Summary;
use serde_json::Value;

use crate::format::mean;
use crate::{stored_network, timing};

/// What a run needs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Cost {
    /// Multiply-adds per example at evaluation, mean over the tasks, heads
    /// left out; unknown for networks with layers of the program's own.
    pub multiply_adds: Option<f64>,
    /// Seconds from start to end.
    pub seconds: Option<f64>,
}

impl Cost {
    /// Of the run in `directory` with this `config.json` and summary.
    pub fn read(directory: &Path, config: &Value, summary: &Summary) -> Self {
        let plan = stored_network::plan(directory, config).ok();
        let usages = plan.and_then(|plan| stored_network::usages(&plan, summary));
        let mean_of = |usages: Vec<paramalloc_core::train::Usage>| {
            mean(usages.iter().map(|usage| usage.multiply_adds as f64))
        };
        Self {
            multiply_adds: usages.and_then(mean_of),
            seconds: timing::seconds(directory),
        }
    }
}
