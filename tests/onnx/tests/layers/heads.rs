//! Layers of each task's own, predictions at each pixel, and what cannot be exported.

use paramalloc_core::layers::ElementwiseLayer;
use paramalloc_core::math;
use paramalloc_core::prelude::*;
use paramalloc_core::train::{TrainSettings, Trainer};
use paramalloc_export::{Error, Onnx};

use crate::compare::{Random, close, randomize};
use crate::runtime::Runtime;

const EXAMPLES: usize = 3;
const PIXELS: usize = 36;

/// Classes and values of the pixels of an image.
#[multitask(input = (2, 6, 6))]
struct Scenes {
    encoder: (Conv2D<2, 4, 3, 2, Same>, GroupNorm<4, 2>, ReLU),
    #[routed(3)]
    block: Residual<(Conv2D<4, 4, 3, 1, Same>, ReLU)>,
    #[private]
    decoder: (ConvTranspose2D<4, 4, 2, 2>, Tanh),
    #[head(tasks = [classes(3), values(2)])]
    head: (Conv2D<4, 4, 1>, ReLU, PerTaskConv2D<4>),
}

#[test]
fn each_pixel_by_layers_of_the_task_s_own() {
    let settings = TrainSettings::default();
    let mut trainer = Trainer::new(&Scenes::NETWORK, &settings, &[3, 2], 1).unwrap();
    let mut random = Random(1);
    randomize(&mut trainer, &mut random);
    let inputs: Vec<f32> = (0..EXAMPLES * 2 * PIXELS).map(|_| random.next()).collect();
    let file = Onnx::of_trainer(&trainer, &["kind", "depth"]).unwrap();
    let runtime = Runtime::load(&file.encode().unwrap()).unwrap();
    let outputs = runtime.run(&[EXAMPLES, 2, 6, 6], &inputs).unwrap();
    let names: Vec<&String> = outputs.keys().collect();
    assert_eq!(names, ["depth.values", "kind.logits", "kind.probabilities"]);
    for (task, name, width) in [(0, "kind.logits", 3), (1, "depth.values", 2)] {
        let ours = trainer.logits(task, &inputs).unwrap();
        // Ours are pixel by pixel, theirs channel by channel.
        let theirs = &outputs[name];
        let place = |i: usize| {
            let (pixel, channel) = (i / width % PIXELS, i % width);
            (i / (width * PIXELS) * width + channel) * PIXELS + pixel
        };
        let theirs: Vec<f32> = (0..ours.len()).map(|i| theirs[place(i)]).collect();
        close(name, &theirs, &ours, 1e-4).unwrap();
    }
    for pixel in 0..PIXELS {
        let of_class = |class: usize| outputs["kind.probabilities"][class * PIXELS + pixel];
        let sum: f32 = (0..3).map(of_class).sum();
        assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    }
}

/// Components that gates weigh for each example, of images and of features, some of
/// which one task alone sees.
#[multitask(input = (2, 6, 6))]
struct Gated {
    #[routed(2, gate, private = 1)]
    images: AnyOf<((Conv2D<2, 2, 3, 1, Same>, ReLU), Identity)>,
    flatten: Flatten2D,
    #[routed(3, gate)]
    dense: (Linear<72, 8>, SiLU),
    #[head(tasks = [values(3), values(2)])]
    head: PerTaskLinear<8>,
}

#[test]
fn gates_are_part_of_the_file() {
    let settings = TrainSettings::default();
    let mut trainer = Trainer::new(&Gated::NETWORK, &settings, &[3, 2], 1).unwrap();
    let mut random = Random(2);
    randomize(&mut trainer, &mut random);
    let inputs: Vec<f32> = (0..EXAMPLES * 2 * PIXELS).map(|_| random.next()).collect();
    let file = Onnx::of_trainer(&trainer, &["first", "second"]).unwrap();
    let runtime = Runtime::load(&file.encode().unwrap()).unwrap();
    let outputs = runtime.run(&[EXAMPLES, 2, 6, 6], &inputs).unwrap();
    for (task, name) in [(0, "first.values"), (1, "second.values")] {
        let ours = trainer.logits(task, &inputs).unwrap();
        close(name, &outputs[name], &ours, 1e-4).unwrap();
    }
}

/// A function of a user's own, by the name of a built-in one.
struct Own;

impl ElementwiseLayer for Own {
    const NAME: &'static str = "Tanh";

    fn value(x: f32) -> f32 {
        x * math::tanh(x)
    }

    fn slope(x: f32, _y: f32) -> f32 {
        let t = math::tanh(x);
        t + x * (1.0 - t * t)
    }
}

impl Layer for Own {
    const SPEC: Spec = Spec::elementwise::<Own>();
}

#[multitask(input = 4, tasks = 2)]
struct Mine {
    #[routed(2)]
    dense: (Linear<4, 4>, Own),
    #[head(classes = 2)]
    head: Linear<4, 2>,
}

#[test]
fn a_layer_of_a_user_s_own_is_refused_by_name() {
    let settings = TrainSettings::default();
    let trainer = Trainer::new(&Mine::NETWORK, &settings, &[2, 2], 1).unwrap();
    let onnx = Onnx::of_trainer(&trainer, &["a", "b"]).unwrap();
    let error = onnx.encode().unwrap_err();
    assert!(matches!(&error, Error::OwnLayer { layer, .. } if layer == "Tanh"));
    assert_eq!(
        error.to_string(),
        "`Mine` cannot be exported: its layer `Tanh` is not built in and has no form in ONNX; write it with built-in layers"
    );
    let error = onnx.only(2).unwrap_err();
    assert!(matches!(error, Error::NoTask { task: 2, tasks: 2 }));
    let error = Onnx::of_trainer(&trainer, &["a"]).unwrap_err();
    assert!(matches!(error, Error::Names { found: 1, tasks: 2 }));
}
