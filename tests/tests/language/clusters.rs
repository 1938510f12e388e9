//! Three clusters of tasks: Maziarz et al., "Flexible Multi-task Networks by Learning
//! Parameter Allocation", arXiv 1910.04915: CIFAR-100's coarse labels of five classes
//! each, and MNIST and Fashion-MNIST without one class each. The paper's network of
//! 48 components and 40 tasks is counted; one of a quarter of the components and five
//! tasks on 16x16 pixels learns.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::network::plan::Plan;
use paramalloc_core::prelude::*;

use crate::generated::Mixed;
use crate::learns::{agrees, learns, parameters};

type Norm = (GroupNorm<8, 4>, ReLU);
type Conv<const K: usize> = (Conv2D<8, 8, K, 2, Same>, Norm);
type Block = AnyOf<(Conv<3>, Conv<5>)>;

macro_rules! clusters {
    ($name:ident, $size:tt, $copies:tt, $features:tt) => {
        #[multitask(input = (3, $size, $size))]
        struct $name {
            stem: (Conv2D<3, 8, 1>, Norm),
            #[routed($copies)]
            block1: Block,
            norm1: Norm,
            #[routed($copies)]
            block2: Block,
            norm2: Norm,
            #[routed($copies)]
            block3: Block,
            norm3: Norm,
            flatten: Flatten2D,
            dropout: Dropout,
            #[head(classes_from_data)]
            head: PerTaskLinear<$features>,
        }
    };
}

clusters!(Paper, 32, 8, 128);
clusters!(Small, 16, 2, 32);

/// The stem of 8 filters with biases and norm; in each of three blocks `copies`
/// components of 8 filters of 8x3x3 and of 8x5x5, each with biases and norm, and a
/// norm behind; heads of `features` numbers to all classes.
const fn network(copies: usize, features: usize, classes: usize) -> usize {
    (8 * 3 + 8 + 16)
        + 3 * (copies * ((8 * 72 + 8 + 16) + (8 * 200 + 8 + 16)) + 16)
        + (features + 1) * classes
}

const CLASSES: [usize; 5] = [5, 5, 9, 9, 9];

/// Tasks of a cluster have the same pictures.
fn tasks() -> Vec<Task> {
    let made = Mixed::images(80, (3, 16), 4);
    let inputs = Arc::new(FloatInputs::new(3 * 256, made.inputs.clone()).unwrap());
    let task = |(number, &classes): (usize, &usize)| {
        let targets = made.classes(number as u64 % 3, classes);
        let examples = Examples::new(inputs.clone(), targets).unwrap();
        Task::new(format!("task {number}"), classes, examples)
    };
    CLASSES.iter().enumerate().map(task).collect()
}

#[test]
fn clusters() {
    let widths = [[5; 20], [9; 20]].concat();
    let plan = Plan::new(&Paper::NETWORK, &widths).unwrap();
    assert_eq!(network(8, 128, 20 * 5 + 20 * 9), 89_592);
    assert_eq!(plan.parameter_len(), 89_592);
    let tasks = tasks();
    assert_eq!(network(2, 32, 37), 14_661);
    assert_eq!(parameters::<Small>(&tasks), 14_661);
    agrees::<Small>(&tasks);
    learns::<Small>(&tasks, 200);
}
