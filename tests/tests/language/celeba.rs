//! Faces with forty attributes at once and five landmarks, as CelebA has them:
//! Liu et al., "Deep Learning Face Attributes in the Wild", ICCV 2015, table 1
//! and section 4 (40 binary attributes, 10 landmark coordinates). The network is
//! small; both tasks read the same pictures.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::metric::of_loss;
use paramalloc_core::prelude::*;

use crate::generated::Mixed;
use crate::learns::{agrees, learns, parameters};

const SIZE: usize = 12;

/// Attributes and landmarks of small faces.
#[multitask(input = (3, SIZE, SIZE))]
struct FaceNet {
    stem: (Conv2D<3, 8, 3, 1, Same>, GroupNorm<8, 2>, SiLU),
    #[routed(3)]
    block: (Conv2D<8, 16, 3, 2, Same>, GroupNorm<16, 4>, SiLU),
    flatten: Flatten2D,
    dense: (Linear<576, 64>, SiLU),
    #[head(tasks = [labels(40), values(10, loss = Huber)])]
    head: PerTaskLinear<64>,
}

/// The stem has 8 filters of 3x3x3 and 8 biases and a group norm of 8 channels;
/// each of the 3 components 16 filters of 8x3x3, 16 biases and 16 channels
/// normalized; then 16 channels of 6x6 go to 64 features, and those to 40 labels
/// and 10 values.
const PARAMETERS: usize = (8 * 27 + 8 + 2 * 8)
    + 3 * (16 * 72 + 16 + 2 * 16)
    + (16 * 36 * 64 + 64)
    + (64 * 40 + 40)
    + (64 * 10 + 10);

fn tasks() -> Vec<Task> {
    let faces = Mixed::new(192, 3 * SIZE * SIZE, 6);
    let (attributes, landmarks) = (faces.labels(0, 40), faces.values(1, 10));
    let inputs = Arc::new(FloatInputs::new(3 * SIZE * SIZE, faces.inputs).unwrap());
    let task = |name, outputs, targets: Vec<f32>| {
        let examples = Examples::new(inputs.clone(), targets).unwrap();
        Task::new(name, outputs, examples.clone()).evaluated_on("test", examples)
    };
    vec![
        task("attributes", 40, attributes),
        task("landmarks", 10, landmarks),
    ]
}

#[test]
fn celeba() {
    let tasks = tasks();
    assert_eq!(PARAMETERS, 44_018);
    assert_eq!(parameters::<FaceNet>(&tasks), PARAMETERS);
    let losses = FaceNet::NETWORK.head;
    let metrics = [0, 1].map(|i| of_loss(&losses.task_loss(i, &(&tasks[i]).into()).unwrap()));
    let names = metrics.map(|metric| metric.unwrap().name().to_owned());
    assert_eq!(names, ["accuracy", "mean_absolute_error"]);
    learns::<FaceNet>(&tasks, 150);
    agrees::<FaceNet>(&tasks);
}
