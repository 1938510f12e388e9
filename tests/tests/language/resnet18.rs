//! Residual networks: He et al., "Deep Residual Learning for Image Recognition",
//! CVPR 2016. ResNet-18 in the form for small images: a 3x3 stem, four stages of
//! two blocks with 1x1 projections where shapes change, global average pooling.
//! Its width is 4 in place of 64, and the first block of each stage is routed;
//! group norms take the place of batch norms.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::prelude::*;

use crate::generated::Mixed;
use crate::learns::{agrees, learns, parameters};

const SIZE: usize = 8;
const W: usize = 4;

type Block<const I: usize, const O: usize, const S: usize> = (
    Residual<(
        Conv2D<I, O, 3, S, Same>,
        GroupNorm<O, 2>,
        ReLU,
        Conv2D<O, O, 3, 1, Same>,
        GroupNorm<O, 2>,
    )>,
    ReLU,
);

/// ResNet-18 with routed blocks.
#[multitask(input = (3, SIZE, SIZE))]
struct ResNet18 {
    stem: (Conv2D<3, W, 3, 1, Same>, GroupNorm<W, 2>, ReLU),
    #[routed(2)]
    conv2_1: Block<W, W, 1>,
    conv2_2: Block<W, W, 1>,
    #[routed(2)]
    conv3_1: Block<W, { 2 * W }, 2>,
    conv3_2: Block<{ 2 * W }, { 2 * W }, 1>,
    #[routed(2)]
    conv4_1: Block<{ 2 * W }, { 4 * W }, 2>,
    conv4_2: Block<{ 4 * W }, { 4 * W }, 1>,
    #[routed(2)]
    conv5_1: Block<{ 4 * W }, { 8 * W }, 2>,
    conv5_2: Block<{ 8 * W }, { 8 * W }, 1>,
    pool: GlobalAvgPool2D,
    #[head(classes_from_data)]
    head: PerTaskLinear<{ 8 * W }>,
}

/// A convolution from `i` to `o` channels with its biases.
const fn conv(i: usize, o: usize, kernel: usize) -> usize {
    o * i * kernel * kernel + o
}

/// A block: two convolutions and norms, and a projection where channels change.
const fn block(i: usize, o: usize) -> usize {
    let projection = if i == o { 0 } else { conv(i, o, 1) };
    conv(i, o, 3) + conv(o, o, 3) + 2 * 2 * o + projection
}

/// The stem; of each stage the first block twice and the second once; two heads.
const PARAMETERS: usize = (conv(3, 4, 3) + 2 * 4)
    + 3 * block(4, 4)
    + (2 * block(4, 8) + block(8, 8))
    + (2 * block(8, 16) + block(16, 16))
    + (2 * block(16, 32) + block(32, 32))
    + (32 * 3 + 3)
    + (32 * 2 + 2);

fn tasks((channels, size): (usize, usize), classes: &[usize]) -> Vec<Task> {
    let input_len = channels * size * size;
    let made = Mixed::images(96, (channels, size), 3);
    let inputs = Arc::new(FloatInputs::new(input_len, made.inputs.clone()).unwrap());
    let tasks = classes.iter().enumerate();
    let task = |(number, &classes): (usize, &usize)| {
        let targets = made.classes(number as u64, classes);
        let examples = Examples::new(inputs.clone(), targets).unwrap();
        Task::new(format!("task {number}"), classes, examples)
    };
    tasks.map(task).collect()
}

#[test]
fn resnet18() {
    let tasks = tasks((3, SIZE), &[3, 2]);
    assert_eq!(PARAMETERS, 64_165);
    assert_eq!(parameters::<ResNet18>(&tasks), PARAMETERS);
    agrees::<ResNet18>(&tasks);
    learns::<ResNet18>(&tasks, 60);
}

/// Residuals wherever they may stand: inside each other, before activations,
/// as alternatives, empty, with dropout, over features with a projection, and
/// beside a layer that is a product over the whole batch.
#[multitask(input = (2, 6, 6))]
struct Everywhere {
    nested: Residual<(
        Conv2D<2, 4, 3, 1, Same>,
        Residual<(ReLU, Conv2D<4, 4, 3, 1, Same>)>,
        SiLU,
    )>,
    #[routed]
    mixed: AnyOf<(
        Residual<(ReLU, Conv2D<4, 4, 3, 1, Same>, ReLU, Dropout<20>)>,
        (ReLU, Residual<Conv2D<4, 4, 1>>, ReLU),
        Residual<Identity>,
        Conv2D<4, 4, 3, 1, Same>,
    )>,
    #[routed(2)]
    features: (Flatten2D, Residual<(Linear<144, 40>, ReLU)>, ReLU),
    #[routed(2)]
    wide: (
        Residual<(Linear<40, 300>, ReLU, Linear<300, 40>)>,
        Linear<40, 900>,
        ReLU,
        Linear<900, 40>,
        Residual<(ReLU, Linear<40, 40>)>,
    ),
    #[head(classes_from_data)]
    head: PerTaskLinear<40>,
}

#[test]
fn residuals_anywhere() {
    let tasks = tasks((2, 6), &[3, 2]);
    agrees::<Everywhere>(&tasks);
    let plan = paramalloc_core::network::plan::Plan::new(&Everywhere::NETWORK, &[3, 2]).unwrap();
    let paths: Vec<&str> = (plan.parameters.iter())
        .map(|p| p.path.as_str())
        .filter(|path| path.contains("projection"))
        .collect();
    let expected = [
        "nested.5.projection.weight",
        "nested.5.projection.bias",
        "features.0.3.projection.weight",
        "features.0.3.projection.bias",
        "features.1.3.projection.weight",
        "features.1.3.projection.bias",
    ];
    assert_eq!(paths, expected);
}
