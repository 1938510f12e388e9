//! The tasks in a directory of the user's own.

use paramalloc::prelude::*;

/// Two routed layers of four components each; any number of tasks, each with
/// as many classes as its data have.
#[multitask(input = (3, 32, 32))]
pub struct OwnNet {
    stem: (Conv2D<3, 8, 3, 1, Same>, ReLU),
    pool1: MaxPool2D<2>,
    #[routed(4)]
    block1: (Conv2D<8, 8, 3, 1, Same>, ReLU),
    pool2: MaxPool2D<2>,
    #[routed(4)]
    block2: (Conv2D<8, 8, 3, 1, Same>, ReLU),
    pool3: AvgPool2D<2>,
    flatten: Flatten2D,
    #[head(classes_from_data)]
    head: PerTaskLinear<128>,
}

/// An epoch of a small directory is a step or two: steps are counted. Routers
/// learn 20 times as fast as the rest, as in the paper's larger experiments:
/// at the same rate no connection is decided after so few steps.
fn defaults() -> Settings {
    Settings::default()
        .steps(2000)
        .router_learning_rate(2e-2)
        .eval_every(200)
        .checkpoint_every(500)
}

/// The tasks in the directory that `--data-dir` names.
///
#[doc = include_str!("../../docs/own-data.md")]
pub fn main() -> ExitCode {
    Experiment::new(
        "own_data",
        OwnNet::NETWORK,
        sources::directory(OwnNet::NETWORK.input),
    )
    .about("Learns the tasks in a directory of yours: --data-dir DIR")
    .defaults(defaults())
    .without(&["data", "train_examples", "test_examples"])
    .main()
}
