//! What is added to the task loss: penalties on who uses what, and on the
//! parameters.
//!
//! [`Penalties`] are those of this crate and their weights. A [`Penalty`] of
//! one's own is given to
//! [`Trainer::add_penalty`](crate::train::Trainer::add_penalty).

mod interface;
mod set;
mod settings;
mod terms;
mod unit;

pub use interface::{ConnectedLayer, Connections, Parameters, Penalty, PenaltyStep};
pub(crate) use set::PenaltySet;
pub use set::{MAX_PENALTIES, PenaltyValues};
pub use settings::Penalties;
pub use terms::binary_entropy;
pub use unit::PenaltyUnit;

#[cfg(test)]
mod tests;
