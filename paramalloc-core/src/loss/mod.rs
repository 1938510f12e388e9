//! Losses of the tasks: what a task minimizes, besides the penalties.
//!
//! [`Loss`] names those of this crate; one of the user's own implements
//! [`TaskLoss`] and is given as [`Loss::own`].

mod absolute_error;
mod binary_cross_entropy;
mod choice;
mod cross_entropy;
mod examples;
mod focal;
mod huber;
mod interface;
mod squared_error;

pub use absolute_error::MeanAbsoluteError;
pub use binary_cross_entropy::BinaryCrossEntropy;
pub use choice::{Loss, OwnLoss};
pub use cross_entropy::SoftmaxCrossEntropy;
pub(crate) use examples::{HeadLoss, by_label};
pub use focal::Focal;
pub use huber::Huber;
pub use interface::{Share, TaskLoss};
pub use squared_error::MeanSquaredError;
