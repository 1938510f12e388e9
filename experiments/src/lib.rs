//! The experiments: a network, its tasks and its defaults each. Every file is
//! a program too.

pub mod clusters;
pub mod mnist;
pub mod omniglot;
pub mod own_data;
pub mod synthetic;

pub use clusters::ClustersNet;
pub use mnist::MnistNet;
pub use own_data::OwnNet;
pub use synthetic::SyntheticNet;
