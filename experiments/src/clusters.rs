//! Forty tasks of three kinds that have little in common: 20 on natural
//! images, 10 on digits, 10 on clothes. Nothing says which task is of which
//! kind; the routers learn it.

use paramalloc::prelude::*;

/// Normalization in four groups of channels, then ReLU.
type Norm = (GroupNorm<8, 4>, ReLU);
/// A convolution that halves rows and columns.
type Conv<const K: usize> = (Conv2D<8, 8, K, 2, Same>, Norm);
/// Two alternatives; with eight copies of each, 16 components.
type Block = AnyOf<(Conv<3>, Conv<5>)>;

/// Three routed blocks of 16 components each, from 32 x 32 to 4 x 4.
#[multitask(input = (3, 32, 32), tasks = 40)]
pub struct ClustersNet {
    stem: (Conv2D<3, 8, 1>, Norm),
    #[routed(8)]
    block1: Block,
    norm1: Norm,
    #[routed(8)]
    block2: Block,
    norm2: Norm,
    #[routed(8)]
    block3: Block,
    norm3: Norm,
    flatten: Flatten2D,
    dropout: Dropout,
    #[head(classes_from_data)]
    head: PerTaskLinear<128>,
}

/// The settings of the paper. A task that uses more than half of all
/// components pays for it, so a kind of tasks has to choose.
fn defaults() -> Settings {
    Settings::default()
        .steps(20_000)
        .batch_size(32)
        .learning_rate(3e-4)
        .router_learning_rate(6e-3)
        .probs_init(0.5)
        .budget(0.5)
        .budget_penalty(1.0)
        .eval_every(1000)
        .checkpoint_every(1000)
}

/// The forty tasks.
pub fn main() -> ExitCode {
    Experiment::new("clusters", ClustersNet::NETWORK, sources::clusters())
        .about("Learns forty tasks of three kinds and finds the kinds")
        .defaults(defaults())
        .main()
}
