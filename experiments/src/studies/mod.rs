//! The experiments: a network, its tasks and its defaults each. Training,
//! evaluation and pruning share them.

mod clusters;
mod mnist;
mod omniglot;
mod own_data;
mod synthetic;

pub use clusters::{Clusters, ClustersNet};
pub use mnist::{Mnist, MnistNet};
pub use omniglot::{
    Omniglot, Omniglot28x16, Omniglot28x48, Omniglot36x16, Omniglot56x24, Omniglot105x48,
    OmniglotFlags,
};
pub use own_data::{OwnData, OwnNet};
pub use synthetic::{PairFlags, Synthetic, SyntheticNet};

use paramalloc::AnyStudy;

/// All of them, for the programs that look at a run of any.
pub fn all() -> [AnyStudy; 5] {
    [
        AnyStudy::of::<Mnist>(),
        AnyStudy::of::<Omniglot>(),
        AnyStudy::of::<Clusters>(),
        AnyStudy::of::<Synthetic>(),
        AnyStudy::of::<OwnData>(),
    ]
}
