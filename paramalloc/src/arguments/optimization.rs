//! The flags of the optimizer and of the learning-rate schedule.

use clap::Args;
use clap::builder::PossibleValuesParser;
use paramalloc_core::optim::{OptimizerSettings, ScheduleSettings};
use serde::Serialize;

use super::number::number;

/// How parameters are updated. What has no flag here is a setting of a file.
#[derive(Args, Clone, Debug, Serialize)]
pub struct OptimizationFlags {
    /// What updates the parameters; betas, epsilon and nesterov are settings of a file
    /// (--config)
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(OptimizerSettings::NAMES))]
    pub optimizer: Option<String>,

    /// With adamw: what a parameter loses at each update, times the learning rate; 0 or
    /// more. Biases and routers lose nothing. With the others: --l2-penalty
    #[arg(long, value_name = "W", value_parser = number)]
    pub weight_decay: Option<f64>,

    /// With sgd: how much of the last update stays in the next, 0 to below 1
    #[arg(long, value_name = "M", value_parser = number)]
    pub momentum: Option<f64>,

    /// How both learning rates change over the run: as they are (constant); rising over
    /// the first --warm-up steps (warm_up); then falling along half a cosine to the last
    /// step (cosine); or times --schedule-factor at some steps (steps)
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(ScheduleSettings::NAMES))]
    pub schedule: Option<String>,

    /// With warm_up and cosine: the first task steps, counted over all tasks, in which the
    /// learning rates rise
    #[arg(long, value_name = "N")]
    pub warm_up: Option<u64>,

    /// With cosine: the share of the learning rates that is left at the end, 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = number)]
    pub schedule_minimum: Option<f64>,

    /// With steps: the task steps, counted over all tasks, at which the learning rates
    /// change, in increasing order
    #[arg(long, value_name = "N,..", value_delimiter = ',')]
    pub schedule_at: Option<Vec<u64>>,

    /// With steps: what they are multiplied by each time, above 0
    #[arg(long, value_name = "FACTOR", value_parser = number)]
    pub schedule_factor: Option<f64>,
}
