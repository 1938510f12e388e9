//! The tasks in a folder of the user's own.

use paramalloc_core::prelude::*;

use paramalloc::{Error, Experiment, NoOptions, Settings, Study, Visitor};
use paramalloc_data::{OwnOptions, own_tasks};

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

/// The tasks in the folder that `--data-dir` names.
///
#[doc = include_str!("../../../docs/own-data.md")]
pub struct OwnData;

impl Study for OwnData {
    type Options = NoOptions;

    fn experiment() -> Experiment {
        Experiment {
            name: "own_data",
            about: "Learns the tasks in a folder of yours: --data-dir DIR",
            // An epoch of a small folder is a step or two: count steps.
            defaults: Settings {
                epochs: None,
                steps: Some(2000),
                eval_every: Some(200),
                checkpoint_every: Some(500),
                ..Settings::default()
            },
            without: &["data", "train_examples", "test_examples"],
            ..Experiment::default()
        }
    }

    fn network<V: Visitor>(_: &NoOptions, _: &Settings, visitor: V) -> Result<V::Output, Error> {
        let own = OwnOptions::new(OwnNet::NETWORK.input);
        visitor.visit::<OwnNet>(|data, say| own_tasks(data.folder()?, &own, say))
    }
}
