//! Metrics: how good the predictions of a task are.
//!
//! A task's loss has a metric of its own ([`of_loss`]); another one implements
//! [`Metric`].

mod accuracy;
mod choice;
mod confusion;
mod decisions;
mod interface;
mod mean_loss;
mod of_values;
mod probabilities;
mod ranking;
mod scores;

pub use accuracy::Accuracy;
pub use choice::{NAMES, by_name, name_of_task, of_loss};
pub use confusion::ConfusionMatrix;
pub use decisions::{BalancedAccuracy, F1};
pub use interface::{Goal, Metric, Predictions};
pub use mean_loss::MeanLoss;
pub use of_values::{R2, RootMeanSquaredError};
pub use probabilities::{BrierScore, CalibrationError, LogLoss};
pub use ranking::{AveragePrecision, RocAuc};
