//! Four digit tasks, two of them rotated, that learn which of four
//! convolutions of each layer to use.

use paramalloc::prelude::*;

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

/// The digit tasks with the settings of the paper.
pub fn main() -> ExitCode {
    Experiment::new("mnist", MnistNet::NETWORK, sources::mnist())
        .about("Learns four digit tasks and who uses which convolutions")
        .defaults(
            Settings::default()
                .epochs(10)
                .batch_size(16)
                .learning_rate(5e-3),
        )
        .main()
}
