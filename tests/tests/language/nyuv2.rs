//! Indoor scenes: semantic segmentation, depth and surface normals at each pixel,
//! as for NYUv2 (Silberman et al., "Indoor Segmentation and Support Inference from
//! RGBD Images", ECCV 2012) in Liu et al., "End-to-End Multi-Task Learning with
//! Attention", CVPR 2019, section 5.1: 13 classes, one depth, three components of
//! a normal, and pixels without a label. Pictures and network are small.

use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, MISSING_CLASS, Targets, Task};
use paramalloc_core::error::Error;
use paramalloc_core::metric::of_loss;
use paramalloc_core::prelude::*;
use paramalloc_core::prune::{PrunedNetwork, prune};
use paramalloc_core::train::{TrainSettings, Trainer};
use tests::compare::bits;
use tests::made::Run;

use crate::generated::{Mixed, lose, stream};
use crate::learns::{agrees, learns, parameters};

const SIZE: usize = 8;
const PIXELS: usize = SIZE * SIZE;
const PICTURES: usize = 48;
const CLASSES: usize = 13;

/// An encoder that halves the picture, routed blocks, and decoders of each task's
/// own back to the size of the picture.
#[multitask(input = (3, SIZE, SIZE))]
struct Scenes {
    encoder: (Conv2D<3, 16, 3, 2, Same>, GroupNorm<16, 4>, ReLU),
    #[routed(3)]
    block: Residual<(Conv2D<16, 16, 3, 1, Same>, GroupNorm<16, 4>, ReLU)>,
    #[private]
    decoder: (ConvTranspose2D<16, 16, 2, 2>, ReLU),
    #[head(tasks = [classes(CLASSES), value, values(3, loss = MeanAbsoluteError)])]
    head: (Conv2D<16, 16, 1>, ReLU, PerTaskConv2D<16>),
}

/// The encoder has 16 filters of 3x3x3, 16 biases and a group norm of 16 channels;
/// each of three components 16 filters of 16x3x3 and the same besides; of each of
/// three tasks 16x16 transposed filters of 2x2 with 16 biases and 16x16 weights with
/// 16 biases; then 16 channels to 13, 1 and 3 outputs at each pixel.
const PARAMETERS: usize = (16 * 27 + 16 + 2 * 16)
    + 3 * (16 * 144 + 16 + 2 * 16)
    + 3 * ((16 * 16 * 4 + 16) + (16 * 16 + 16))
    + (17 * 13 + 17 + 17 * 3);

/// The class of a pixel is the largest of 13 mixes of its colors, depth and normals
/// are mixes of them; one pixel in five lacks its label.
fn tasks() -> Vec<Task> {
    let pictures = Mixed::images(PICTURES, (3, SIZE), 5);
    let colors = |picture: usize, pixel: usize| -> [f32; 3] {
        std::array::from_fn(|c| pictures.inputs[(picture * 3 + c) * PIXELS + pixel])
    };
    let mixes = |number: u64, width: usize| -> Vec<f32> {
        let mut stream = stream(100 + number);
        let mixes: Vec<[f32; 3]> = (0..width)
            .map(|_| std::array::from_fn(|_| stream.uniform_in(-1.0, 1.0)))
            .collect();
        let pixels = (0..PICTURES).flat_map(|i| (0..PIXELS).map(move |p| (i, p)));
        let mixed = pixels.flat_map(|(picture, pixel)| {
            let colors = colors(picture, pixel);
            let mix = move |mix: &[f32; 3]| mix.iter().zip(colors).map(|(m, c)| m * c).sum();
            mixes.iter().map(mix).collect::<Vec<f32>>()
        });
        mixed.collect()
    };
    let largest = |values: &[f32]| {
        let best = (0..CLASSES).max_by(|&a, &b| values[a].total_cmp(&values[b]));
        best.expect("a class") as u16
    };
    let mut missing = vec![0.0; PICTURES * PIXELS];
    lose(&mut missing, 0.2, 0);
    let mut classes: Vec<u16> = mixes(0, CLASSES).chunks(CLASSES).map(largest).collect();
    for (class, missing) in classes.iter_mut().zip(missing) {
        if missing.is_nan() {
            *class = MISSING_CLASS;
        }
    }
    let [mut depth, mut normals] = [mixes(1, 1), mixes(2, 3)];
    lose(&mut depth, 0.2, 1);
    lose(&mut normals, 0.2, 2);
    let inputs = Arc::new(FloatInputs::new(3 * PIXELS, pictures.inputs.clone()).unwrap());
    let values = |values| Examples::per_pixel(inputs.clone(), PIXELS, values).unwrap();
    let segmentation = Examples::per_pixel(inputs.clone(), PIXELS, classes).unwrap();
    vec![
        Task::new("segmentation", CLASSES, segmentation),
        Task::new("depth", 1, values(depth)),
        Task::new("normals", 3, values(normals)),
    ]
}

#[test]
fn nyuv2() {
    let tasks = tasks();
    assert_eq!(PARAMETERS, 11_761);
    assert_eq!(parameters::<Scenes>(&tasks), PARAMETERS);
    let metric = |index: usize| {
        let loss = Scenes::NETWORK
            .head
            .task_loss(index, &(&tasks[index]).into());
        of_loss(&loss.unwrap()).unwrap().name().to_owned()
    };
    let names = ["accuracy", "mean_squared_error", "mean_absolute_error"];
    assert_eq!([metric(0), metric(1), metric(2)], names);
    agrees::<Scenes>(&tasks);
    learns::<Scenes>(&tasks, 120);
}

/// A missing pixel has no part in the loss or its gradient: what it may be changes
/// nothing. Weights of examples count for all their pixels.
#[test]
fn pixels_that_are_missing_weigh_nothing() {
    let settings = TrainSettings::default();
    let tasks = tasks();
    let of = |targets: &[u16], weights: Option<&[f32]>| {
        let mut trainer = Trainer::new(&Scenes::NETWORK, &settings, &tasks, 1).unwrap();
        let inputs: Vec<f32> = (0..2 * 3 * PIXELS).map(|i| (i as f32).cos()).collect();
        let mut targets = paramalloc_core::data::BatchTargets::from(Targets::Classes(targets));
        targets.weights = weights;
        let report = trainer.task_step(0, &inputs, targets).unwrap();
        (report.task_loss, trainer.gradient())
    };
    let mut classes: Vec<u16> = (0..2 * PIXELS as u16).map(|i| i % 13).collect();
    let whole = of(&classes, None);
    // The second picture without labels, or of weight 0, or its pixels.
    let first = of(&classes, Some(&[1.0, 0.0]));
    let pixels: Vec<f32> = (0..2 * PIXELS)
        .map(|i| if i < PIXELS { 1.0 } else { 0.0 })
        .collect();
    assert_eq!(first, of(&classes, Some(&pixels)));
    classes[PIXELS..].fill(MISSING_CLASS);
    assert_eq!(first, of(&classes, None));
    assert!(whole.0 != first.0);
    classes.fill(MISSING_CLASS);
    let nothing = of(&classes, None);
    assert_eq!(nothing.0, 0.0);
    assert!((nothing.1.iter()).all(|t| t.values.iter().all(|&v| v == 0.0)));
}

/// Predictions are in the order of targets, pixel by pixel, also of the network of
/// one task alone.
#[test]
fn predictions_are_pixel_by_pixel() {
    let (tasks, settings) = (tasks(), TrainSettings::default().learning_rate(1e-2));
    let trainer = Trainer::new(&Scenes::NETWORK, &settings, &tasks, 2).unwrap();
    let mut run = Run::new(trainer, &tasks, &settings);
    run.steps(300);
    let trainer = &mut run.trainer;
    let normals = &tasks[2].train;
    let predicted = trainer.predict(2, normals).unwrap();
    let Targets::Values(values) = normals.targets() else {
        panic!("values");
    };
    assert_eq!(predicted.len(), values.len());
    let present = values.iter().zip(&predicted).filter(|(v, _)| !v.is_nan());
    let (count, sum) = present.fold((0, 0.0), |(count, sum), (value, predicted)| {
        (count + 1, sum + f64::from((predicted - value).abs()))
    });
    let evaluation = trainer.evaluate(2, normals).unwrap();
    let error = (sum / f64::from(count) - evaluation.loss).abs();
    assert!(error < 1e-6 * evaluation.loss, "{error}");
    let inputs: Vec<f32> = (0..9 * 3 * PIXELS).map(|i| (i as f32).sin()).collect();
    for (task, of) in tasks.iter().enumerate() {
        let (_, bytes) = prune(trainer, task, &of.name).unwrap();
        let mut pruned = PrunedNetwork::load(&Scenes::NETWORK, &bytes).unwrap();
        let logits = trainer.logits(task, &inputs).unwrap();
        assert_eq!(logits.len(), 9 * PIXELS * of.outputs);
        assert_eq!(bits(&pruned.logits(&inputs).unwrap()), bits(&logits));
    }
}

#[test]
fn targets_of_other_pixels_are_refused() {
    let tasks = tasks();
    let mut trainer = Trainer::new(&Scenes::NETWORK, &TrainSettings::default(), &tasks, 1).unwrap();
    let inputs = vec![0.5; 2 * 3 * PIXELS];
    let error = trainer.task_step(1, &inputs, Targets::Values(&[0.5; 2]));
    let error = error.unwrap_err();
    assert!(matches!(
        error,
        Error::PixelCount {
            found: 2,
            expected: 128,
            ..
        }
    ));
    assert_eq!(
        error.to_string(),
        "task 1 has 2 target values for 2 examples, but its head predicts at 64 pixels of each; give 128, made with `Examples::per_pixel`"
    );
    let inputs = Arc::new(FloatInputs::new(4, vec![0.0; 8]).unwrap());
    let uneven = Examples::per_pixel(inputs.clone(), 4, vec![0_u16; 9]).unwrap_err();
    assert_eq!(
        uneven.to_string(),
        "there are 9 labels or values for 2 examples of 4 pixels each; give the same number, at least 1, for each pixel"
    );
    let examples = Examples::per_pixel(inputs, 4, vec![1_u16, 2, 3, 4, 5, 6, 7, 8]).unwrap();
    let first = examples.weighted(vec![0.5, 1.0]).unwrap().first(1);
    assert_eq!(first.targets(), Targets::Classes(&[1, 2, 3, 4]));
    assert_eq!(first.weights(), Some(&[0.5; 4][..]));
}
