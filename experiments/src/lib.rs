//! What the experiments share.

pub mod plot;
