//! What is done with a run: it is trained, resumed, evaluated, pruned, and predicts.
//!
//! [`AddTaskArgs`], [`EvalArgs`], [`PredictArgs`], [`PruneArgs`] and [`ResumeArgs`] are command lines whose `run`
//! needs nothing but the directory of a run, for programs that know no
//! experiment. [`follow()`] shows a run that another process trains.

mod add_task;
mod bootstrap;
mod details;
pub(crate) mod eval;
mod evaluations;
mod follow;
mod load;
pub(crate) mod predict;
pub(crate) mod prune;
pub(crate) mod resume;
pub(crate) mod saved;
pub(crate) mod start;
pub(crate) mod stored;
pub(crate) mod train;

pub use add_task::AddTaskArgs;
pub use eval::EvalArgs;
pub use follow::{follow, is_running};
pub use predict::PredictArgs;
pub use prune::{PruneArgs, check_out};
pub use resume::ResumeArgs;

pub use crate::sweep::SweepArgs;
