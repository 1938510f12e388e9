//! Optimizers over flat slices of parameters.

mod adam;

pub use adam::*;
