//! The running loop and what it has come to.

pub mod batches;
pub mod confusion;
pub mod images;
pub mod initial;
pub mod json_lines;
pub mod logger;
pub mod outcome;
pub mod pace;
pub mod progress;
pub mod state;
pub mod sums;
pub mod tasks;
pub mod tensorboard;
pub mod timing;
pub mod training;
pub mod weights;
