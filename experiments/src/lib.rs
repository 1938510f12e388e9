//! What the experiments share.

pub mod data;
pub mod plot;
