//! Depthwise separable convolutions: Howard et al., "MobileNets: Efficient
//! Convolutional Neural Networks for Mobile Vision Applications", 2017, section
//! 3.1: a convolution of each channel by itself, then one of 1x1 over all of
//! them. Group norms take the place of batch norms, and the width is small.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::prelude::*;

use crate::generated::Mixed;
use crate::learns::{agrees, learns, parameters};

const SIZE: usize = 8;

/// A depthwise convolution and a pointwise one, each with its norm.
type Separable<const I: usize, const O: usize, const S: usize> = (
    DepthwiseConv2D<I, 3, S, Same>,
    GroupNorm<I, 2>,
    ReLU,
    Conv2D<I, O, 1>,
    GroupNorm<O, 2>,
    ReLU,
);

/// A small MobileNet with routed blocks.
#[multitask(input = (3, SIZE, SIZE))]
struct MobileNet {
    stem: (Conv2D<3, 8, 3, 1, Same>, GroupNorm<8, 2>, ReLU),
    #[routed(3)]
    first: Separable<8, 16, 2>,
    #[routed(3)]
    second: Separable<16, 16, 1>,
    pool: GlobalAvgPool2D,
    #[head(classes_from_data)]
    head: PerTaskLinear<16>,
}

/// 3x3 weights, bias, and scale and shift of each channel; then the 1x1
/// convolution with bias, scale and shift.
const fn separable(i: usize, o: usize) -> usize {
    (i * 9 + i + 2 * i) + (o * i + o + 2 * o)
}

/// The stem, three components of two blocks, two heads.
const PARAMETERS: usize = (8 * 27 + 8 + 2 * 8)
    + 3 * separable(8, 16)
    + 3 * separable(16, 16)
    + (16 * 3 + 3)
    + (16 * 2 + 2);

fn tasks() -> Vec<Task> {
    let made = Mixed::images(96, (3, SIZE), 3);
    let inputs = Arc::new(FloatInputs::new(3 * SIZE * SIZE, made.inputs.clone()).unwrap());
    let task = |(number, &classes): (usize, &usize)| {
        let targets = made.classes(number as u64, classes);
        let examples = Examples::new(inputs.clone(), targets).unwrap();
        Task::new(format!("task {number}"), classes, examples)
    };
    [3, 2].iter().enumerate().map(task).collect()
}

#[test]
fn depthwise() {
    let tasks = tasks();
    assert_eq!(PARAMETERS, 2_629);
    assert_eq!(parameters::<MobileNet>(&tasks), PARAMETERS);
    agrees::<MobileNet>(&tasks);
    learns::<MobileNet>(&tasks, 200);
}
