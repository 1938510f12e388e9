//! Four digit tasks, two of them rotated, that learn which of four
//! convolutions of each layer to use.

use paramalloc_core::prelude::*;

use paramalloc::{Error, Experiment, NoOptions, Settings, Study, Visitor};
use paramalloc_data::mnist_tasks;

/// Three routed layers of four convolutions each.
#[multitask(input = (1, 28, 28), tasks = 4)]
pub struct MnistNet {
    #[routed(4)]
    conv1: (Conv2D<1, 4, 5>, ReLU),
    pool1: AvgPool2D<2>,
    #[routed(4)]
    conv2: (Conv2D<4, 4, 3>, ReLU),
    pool2: AvgPool2D<2>,
    #[routed(4)]
    conv3: (Conv2D<4, 4, 3>, ReLU),
    flatten: Flatten2D,
    dropout: Dropout,
    #[head(classes = 10)]
    head: Linear<36, 10>,
}

/// The digit tasks with the settings of the paper: Adam at 5e-3, batches of
/// 16, ten epochs.
pub struct Mnist;

impl Study for Mnist {
    type Options = NoOptions;

    fn experiment() -> Experiment {
        Experiment {
            name: "mnist",
            about: "Learns four digit tasks and who uses which convolutions",
            defaults: Settings {
                epochs: Some(10),
                batch_size: 16,
                learning_rate: 5e-3,
                ..Settings::default()
            },
            ..Experiment::default()
        }
    }

    fn network<V: Visitor>(_: &NoOptions, _: &Settings, visitor: V) -> Result<V::Output, Error> {
        visitor.visit::<MnistNet>(mnist_tasks)
    }
}
