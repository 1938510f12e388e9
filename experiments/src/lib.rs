//! What the experiments share.

mod cautions;
pub mod cli;
pub mod data;
pub mod plot;
pub mod run;
pub mod seeds;
pub mod studies;
