//! What is done with a run: it is started or resumed, evaluated, pruned.

pub mod eval;
mod evaluations;
pub mod prune;
mod saved;
pub mod start;
pub mod train;
