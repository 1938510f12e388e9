//! What is stored of a run, and how it resumes.

pub mod network_file;
pub mod now;
mod outcome_error;
pub mod restore;
pub mod run_record;
pub mod table_file;
