//! Speed of task steps and of single kernels.

pub mod case;
pub mod counting;
pub mod grown;
pub mod networks;
pub mod table;
