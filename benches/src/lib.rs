//! Speed of task steps and of single kernels.

pub mod case;
pub mod networks;
