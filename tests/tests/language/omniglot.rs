//! One task per alphabet, which tells its characters apart: Maziarz et al.,
//! "Flexible Multi-task Networks by Learning Parameter Allocation", arXiv 1910.04915,
//! after Liang et al., "Evolutionary Architecture Search for Deep Multitask
//! Networks", GECCO 2018. Eight routed blocks of seven operations. The paper's
//! network of 48 filters on 105x105 pixels is counted; one of 8 filters on 33x33 learns:
//! after five strides 2x2 pixels are left, and a group norm has more than two values.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::network::plan::Plan;
use paramalloc_core::prelude::*;

use crate::generated::Mixed;
use crate::learns::{agrees_by_descent, learns, parameters};

type Norm<const C: usize> = (GroupNorm<C, 4>, ReLU);
type Conv<const C: usize, const K: usize, const S: usize> = (Conv2D<C, C, K, S, Same>, Norm<C>);

/// Seven operations; the last layer of each has stride `S`.
type Block<const C: usize, const S: usize, Last> = AnyOf<(
    (Conv<C, 3, 1>, Conv<C, 3, S>),
    (Conv<C, 5, 1>, Conv<C, 5, S>),
    (Conv<C, 7, 1>, Conv<C, 7, S>),
    (
        (RectConv2D<C, C, 1, 7, 1, Same>, Norm<C>),
        (RectConv2D<C, C, 7, 1, S, Same>, Norm<C>),
    ),
    MaxPool2D<3, S, Same>,
    AvgPool2D<3, S, Same>,
    Last,
)>;
type Keeping<const C: usize> = Block<C, 1, Identity>;
/// In a strided block the identity becomes a plain strided convolution.
type Halving<const C: usize> = Block<C, 2, Conv2D<C, C, 1, 2, Same>>;

macro_rules! omniglot {
    ($name:ident, $size:tt, $filters:tt, $features:tt) => {
        #[multitask(input = (1, $size, $size))]
        struct $name {
            stem: (Conv2D<1, $filters, 1>, Norm<$filters>),
            #[routed]
            block1: Halving<$filters>,
            norm1: Norm<$filters>,
            #[routed]
            block2: Halving<$filters>,
            norm2: Norm<$filters>,
            #[routed]
            block3: Keeping<$filters>,
            norm3: Norm<$filters>,
            #[routed]
            block4: Halving<$filters>,
            norm4: Norm<$filters>,
            #[routed]
            block5: Halving<$filters>,
            norm5: Norm<$filters>,
            #[routed]
            block6: Keeping<$filters>,
            norm6: Norm<$filters>,
            #[routed]
            block7: Halving<$filters>,
            norm7: Norm<$filters>,
            #[routed]
            block8: Keeping<$filters>,
            norm8: Norm<$filters>,
            flatten: Flatten2D,
            dropout: Dropout,
            #[head(classes_from_data)]
            head: PerTaskLinear<$features>,
        }
    };
}

omniglot!(Paper, 105, 48, 768);
omniglot!(Small, 33, 8, 32);

/// A convolution from `c` channels to as many with biases and a group norm.
const fn conv(c: usize, cells: usize) -> usize {
    c * c * cells + c + 2 * c
}

/// The stem; of each of eight blocks two convolutions of 3x3, 5x5 and 7x7 cells and
/// one each of 1x7 and 7x1, and five times a plain 1x1 convolution; the norms behind
/// the blocks; heads of `features` numbers to all classes.
const fn network(c: usize, features: usize, tasks: &[usize]) -> usize {
    let block = 2 * conv(c, 9) + 2 * conv(c, 25) + 2 * conv(c, 49) + 2 * conv(c, 7);
    let (mut heads, mut task) = (0, 0);
    while task < tasks.len() {
        heads += (features + 1) * tasks[task];
        task += 1;
    }
    (c + c + 2 * c) + 8 * (block + 2 * c) + 5 * (c * c + c) + heads
}

const SIZE: usize = 33;
const CLASSES: [usize; 2] = [3, 4];

fn tasks() -> Vec<Task> {
    let made = Mixed::images(64, (1, SIZE), 2);
    let inputs = Arc::new(FloatInputs::new(SIZE * SIZE, made.inputs.clone()).unwrap());
    let task = |(number, &classes): (usize, &usize)| {
        let targets = made.classes(number as u64, classes);
        let examples = Examples::new(inputs.clone(), targets).unwrap();
        Task::new(format!("alphabet {number}"), classes, examples)
    };
    CLASSES.iter().enumerate().map(task).collect()
}

#[test]
fn omniglot() {
    // The characters of the first two of the paper's alphabets.
    let plan = Plan::new(&Paper::NETWORK, &[48, 28]).unwrap();
    assert_eq!(network(48, 768, &[48, 28]), 3_398_140);
    assert_eq!(plan.parameter_len(), 3_398_140);
    let tasks = tasks();
    assert_eq!(network(8, 32, &CLASSES), 94_447);
    assert_eq!(parameters::<Small>(&tasks), 94_447);
    // `tests/skipping.rs` compares the composed operations, on a smaller network.
    agrees_by_descent::<Small>(&tasks, (1e-3, 1e-2));
    learns::<Small>(&tasks, 200);
}
