//! Speed of task steps and of single kernels.

pub mod case;
pub mod counting;
pub mod networks;
pub mod scaled;
pub mod table;
