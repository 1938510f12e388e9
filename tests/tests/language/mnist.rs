//! Four digit tasks over routed convolutions: Maziarz et al., "Flexible Multi-task
//! Networks by Learning Parameter Allocation", arXiv 1910.04915: MNIST twice as
//! it is and twice rotated by 90 degrees. Network and pictures have the paper's size.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::prelude::*;

use crate::generated::Mixed;
use crate::learns::{agrees, learns, parameters};

const SIZE: usize = 28;

/// Three routed layers of four components each.
#[multitask(input = (1, SIZE, SIZE), tasks = 4)]
struct Mnist {
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

/// Four components of 4 filters each: of 1x5x5, of 4x3x3 and of 4x3x3, each with a
/// bias; four heads of 36 features to 10 classes.
const PARAMETERS: usize =
    4 * (4 * 25 + 4) + 4 * (4 * 36 + 4) + 4 * (4 * 36 + 4) + 4 * (36 * 10 + 10);

/// The picture rotated by 90 degrees counter-clockwise.
fn rotated(picture: &[f32]) -> Vec<f32> {
    let cells = (0..SIZE).flat_map(|row| (0..SIZE).map(move |column| (row, column)));
    cells
        .map(|(row, column)| picture[column * SIZE + SIZE - 1 - row])
        .collect()
}

/// The same pictures and classes for all tasks, rotated in two of them.
fn tasks() -> Vec<Task> {
    let made = Mixed::images(160, (1, SIZE), 3);
    let classes = made.classes(0, 10);
    let plain = made.inputs.clone();
    let turned = plain.chunks(SIZE * SIZE).flat_map(rotated).collect();
    let [plain, turned] = [plain, turned].map(|inputs| {
        let inputs = FloatInputs::new(SIZE * SIZE, inputs).unwrap();
        Examples::new(Arc::new(inputs), classes.clone()).unwrap()
    });
    vec![
        Task::new("MNIST", 10, plain.clone()),
        Task::new("MNIST-2", 10, plain),
        Task::new("MNIST-Rot", 10, turned.clone()),
        Task::new("MNIST-Rot-2", 10, turned),
    ]
}

#[test]
fn mnist() {
    let tasks = tasks();
    assert_eq!(PARAMETERS, 3_080);
    assert_eq!(parameters::<Mnist>(&tasks), PARAMETERS);
    agrees::<Mnist>(&tasks);
    learns::<Mnist>(&tasks, 400);
}
