//! Figures and tables of saved runs.

pub mod allocation_table;
mod caption;
#[cfg(feature = "compare")]
pub mod compare;
mod error;
#[cfg(feature = "figures")]
mod figures;
pub mod format;
#[cfg(test)]
mod generated_runs;
pub mod report;
mod run;
pub mod settings;
pub mod table;
mod task_order;
pub mod warnings;

pub use error::Error;
pub use run::{Omission, Run};
