//! What is stored of a run, and how to go on from it.

pub mod network_file;
pub mod now;
mod outcome_error;
pub mod restore;
pub mod run_record;
