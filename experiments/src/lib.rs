//! What the experiments share.

pub mod data;
