//! Optimizers over flat ranges of parameters, and schedules of their learning
//! rate.
//!
//! An [`Optimizer`] is a rule; [`OptimizerSettings`] choose one of this crate
//! by name. A [`Schedule`] is a factor of the learning rates over the steps;
//! [`ScheduleSettings`] choose one.

mod adam;
mod optimizer;
mod schedule;
mod settings;
mod sgd;
mod state;
mod update;

pub use adam::{Adam, AdamSettings, AdamWSettings};
pub use optimizer::{MAX_SLOTS, Optimizer, UpdateStep};
pub use schedule::{Schedule, ScheduleSettings};
pub use settings::OptimizerSettings;
pub use sgd::{Sgd, SgdSettings};
pub use state::State;
pub(crate) use state::{Pieces, check_slots};
pub use update::Update;
