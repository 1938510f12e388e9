//! The networks of the experiments, at their full size.

pub use experiments::omniglot::Omniglot105x48 as Omniglot;
pub use experiments::{ClustersNet as Clusters, MnistNet as Mnist};
