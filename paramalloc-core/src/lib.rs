//! Multi-task networks that learn which parts of the network each task uses.
#![deny(missing_docs)]

pub mod data;
pub mod summary;
