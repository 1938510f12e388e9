//! Metrics: how well the predictions of a task are right.
//!
//! A task's loss has a metric of its own ([`of_loss`]); another one implements
//! [`Metric`].

mod accuracy;
mod choice;
mod interface;
mod mean_loss;

pub use accuracy::Accuracy;
pub use choice::{by_name, of_loss};
pub use interface::{Goal, Metric, Predictions};
pub use mean_loss::MeanLoss;
