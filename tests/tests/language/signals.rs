//! Signals of several channels, such as those of worn sensors: convolutions and
//! pooling along time, then a dense layer, as in Wang, Yan and Oates, "Time
//! Series Classification from Scratch with Deep Neural Networks", IJCNN 2017,
//! and LeNet-like networks for them. One task tells activities apart, one
//! predicts a value.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::prelude::*;

use crate::generated::Mixed;
use crate::learns::{agrees, learns, parameters};

const STEPS: usize = 32;

/// Two channels over time.
#[multitask(input = (2, 1, STEPS))]
struct SignalNet {
    first: (Conv1D<2, 8, 5, 1, Same>, ReLU, MaxPool1D<2>),
    #[routed(3)]
    second: (Conv1D<8, 16, 3, 2, Same>, LayerNorm<16>, ReLU),
    average: AvgPool1D<2>,
    flatten: Flatten2D,
    dense: (Linear<64, 32>, ReLU),
    #[head(tasks = [classes(3), value])]
    head: PerTaskLinear<32>,
}

/// The first convolution; three components of the second with their norms;
/// 16 channels of 4 steps to 32 features; the heads.
const PARAMETERS: usize =
    (8 * 2 * 5 + 8) + 3 * (16 * 8 * 3 + 16 + 2 * 16) + (64 * 32 + 32) + (32 * 3 + 3) + (32 + 1);

fn tasks() -> Vec<Task> {
    let made = Mixed::new(128, 2 * STEPS, 4);
    let (activities, amounts) = (made.classes(0, 3), made.values(1, 1));
    let inputs = Arc::new(FloatInputs::new(2 * STEPS, made.inputs).unwrap());
    let activities = Examples::new(inputs.clone(), activities).unwrap();
    let amounts = Examples::new(inputs, amounts).unwrap();
    vec![
        Task::new("activity", 3, activities),
        Task::new("amount", 1, amounts),
    ]
}

#[test]
fn signals() {
    let tasks = tasks();
    assert_eq!(PARAMETERS, 3_596);
    assert_eq!(parameters::<SignalNet>(&tasks), PARAMETERS);
    agrees::<SignalNet>(&tasks);
    learns::<SignalNet>(&tasks, 150);
}
