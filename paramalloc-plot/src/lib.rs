#![deny(missing_docs, missing_debug_implementations)]
#![cfg_attr(feature = "figures", doc = include_str!("../README.md"))]
#![cfg_attr(not(feature = "figures"), doc = "Tables and text of saved runs.")]
//!
//! # Where to find what
//!
//! - [`Run`]: one run, as text and as figures; [`report`] has its text section
//!   by section.
//! - `Report` (feature `figures`): a page about runs, one HTML file.
//! - `compare` (feature `compare`): several runs of one experiment, by groups of
//!   the same settings.
//! - [`confusion`]: what the tasks of a run take for what.
//! - [`warnings`]: what makes the results of a run doubtful.
//! - [`table`], [`allocation_table`], [`format`](mod@format): columns and numbers
//!   as text, which the display of a running experiment uses too.

pub mod allocation_table;
mod caption;
#[cfg(feature = "figures")]
mod cluster;
#[cfg(feature = "compare")]
pub mod compare;
pub mod confusion;
mod error;
#[cfg(feature = "figures")]
mod figures;
pub mod format;
#[cfg(test)]
mod generated_runs;
#[cfg(feature = "compare")]
mod metric_info;
#[cfg(feature = "figures")]
mod page;
pub mod report;
mod run;
pub mod settings;
pub mod stored_network;
pub mod table;
mod task_order;
pub mod timing;
mod unfinished;
pub mod warnings;

pub use error::Error;
#[cfg(feature = "figures")]
pub use figures::{Drawing, Kind, Theme};
#[cfg(feature = "figures")]
pub use page::Report;
pub use run::{Omission, Run};
