//! What a trainer refuses, in words, before anything has changed.

use std::sync::Arc;

use paramalloc_core::data::{BatchTargets, Examples, FloatInputs, Targets};
use paramalloc_core::engine::tape::TypedNetwork;
use paramalloc_core::error::Error;
use paramalloc_core::prelude::*;
use paramalloc_core::train::Evaluation;
use paramalloc_core::train::{Noise, TrainSettings, Trainer};
use tests::compare::{bits, flat};
use tests::engines::Kind;
use tests::made::Made;

#[multitask(input = 3, tasks = 2)]
struct Classes {
    #[routed(2)]
    dense: (Linear<3, 4>, ReLU),
    dropout: Dropout,
    #[head(classes = 2)]
    head: Linear<4, 2>,
}

#[multitask(input = 3, tasks = 2)]
struct Values {
    dense: (Linear<3, 4>, ReLU),
    #[head(outputs = 2, loss = Loss::MeanSquaredError)]
    head: Linear<4, 2>,
}

const KINDS: [Kind; 3] = [Kind::Cpu(1), Kind::Tape, Kind::Composed];

fn trainer<N: TypedNetwork>(kind: Kind) -> Trainer {
    kind.trainer::<N>(&TrainSettings::default(), &[2, 2])
        .unwrap()
}

/// The sentence, which must have these parts.
#[track_caller]
fn says<T>(result: Result<T, Error>, parts: &[&str]) {
    let Err(error) = result else {
        panic!("accepted, but {parts:?} was expected");
    };
    let sentence = error.to_string();
    for part in parts {
        assert!(sentence.contains(part), "no `{part}` in: {sentence}");
    }
}

/// Examples of a task with these targets, in training and in an evaluation.
#[track_caller]
fn both_refuse(trainer: &mut Trainer, inputs: &[f32], targets: Targets<'_>, parts: &[&str]) {
    let before = bits(&flat(&trainer.parameters()));
    says(trainer.task_step(1, inputs, targets), parts);
    let (classes, values) = match targets {
        Targets::Classes(classes) => (classes.to_vec(), Vec::new()),
        Targets::Values(values) => (Vec::new(), values.to_vec()),
    };
    let set = Made {
        input_len: 3,
        inputs: inputs.to_vec(),
        classes,
        values,
    };
    says(evaluate(trainer, 1, set), parts);
    assert_eq!(bits(&flat(&trainer.parameters())), before);
    assert_eq!(trainer.global_step(), 0);
}

/// What is wrong with examples may show when they are made, or later.
fn evaluate(trainer: &mut Trainer, task: usize, made: Made) -> Result<Evaluation, Error> {
    trainer.evaluate(task, &made.examples()?)
}

#[test]
fn targets_of_another_loss_are_refused_by_every_engine() {
    let inputs = [0.5; 6];
    let (labels, values) = ([0, 1], [0.0, 1.0, 1.0, 0.0]);
    for kind in KINDS {
        let mut classes = trainer::<Classes>(kind);
        let parts = ["task 1", "values as targets", "loss of `Classes`", "MeanSq"];
        both_refuse(&mut classes, &inputs, Targets::Values(&values), &parts);
        let good = classes.task_step(1, &inputs, Targets::Classes(&labels));
        assert!(good.is_ok(), "{kind:?}: {good:?}");

        let mut regression = trainer::<Values>(kind);
        let parts = [
            "task 1",
            "classes as targets",
            "`Values`",
            "write `classes`",
        ];
        both_refuse(&mut regression, &inputs, Targets::Classes(&labels), &parts);
        let good = regression.task_step(1, &inputs, Targets::Values(&values));
        assert!(good.is_ok(), "{kind:?}: {good:?}");
    }
}

#[test]
fn a_batch_that_does_not_fit_is_refused() {
    for kind in KINDS {
        let mut classes = trainer::<Classes>(kind);
        let inputs = [0.5; 6];
        let labels = |labels| Targets::Classes(labels);
        let t = &mut classes;
        says(
            t.task_step(2, &inputs, labels(&[0, 1])),
            &["no task 2", "0 to 1"],
        );
        says(t.task_step(0, &[], labels(&[])), &["0 input values"]);
        says(
            t.task_step(0, &inputs[..4], labels(&[0])),
            &["4 input values", "has 3"],
        );
        both_refuse(t, &inputs, labels(&[0]), &["1 labels for 2 examples"]);
        both_refuse(
            t,
            &inputs,
            labels(&[0, 2]),
            &["class 2", "2 outputs", "0 to 1"],
        );
        says(t.logits(2, &inputs), &["no task 2"]);
        says(t.logits(0, &inputs[..4]), &["4 input values"]);
        says(t.logits(0, &[]), &["0 input values"]);
        assert_eq!(t.logits(0, &inputs).unwrap().len(), 4);

        let mut regression = trainer::<Values>(kind);
        let values = Targets::Values(&[1.0; 2]);
        let parts = ["2 target values for 2 examples of 2 outputs"];
        both_refuse(&mut regression, &inputs, values, &parts);
        let values = Targets::Values(&[1.0; 3]);
        let parts = ["3 target values for 2 examples"];
        both_refuse(&mut regression, &inputs, values, &parts);
        let of_outputs = ["3 target values for 2 examples of 2 outputs"];
        says(regression.task_step(1, &inputs, values), &of_outputs);
    }
}

#[test]
fn an_evaluation_of_no_examples_or_no_task_is_refused() {
    let mut set = Made {
        input_len: 3,
        inputs: vec![0.5; 3],
        classes: vec![1],
        values: Vec::new(),
    };
    for kind in KINDS {
        let mut trainer = trainer::<Classes>(kind);
        says(evaluate(&mut trainer, 2, set.clone()), &["no task 2"]);
        let one = evaluate(&mut trainer, 0, set.clone());
        assert_eq!(one.unwrap().count, 1);
    }
    (set.inputs, set.classes) = (Vec::new(), Vec::new());
    for kind in KINDS {
        let mut trainer = trainer::<Classes>(kind);
        says(evaluate(&mut trainer, 0, set.clone()), &["no examples"]);
    }
}

#[test]
fn inputs_of_another_length_and_weights_that_do_not_fit_are_refused() {
    let inputs = Arc::new(FloatInputs::new(2, vec![0.5; 4]).unwrap());
    let narrow = Examples::new(inputs, vec![0_u16, 1]).unwrap();
    for kind in KINDS {
        let mut trainer = trainer::<Classes>(kind);
        says(
            trainer.evaluate(1, &narrow),
            &["task 1", "2 values", "has 3"],
        );
        for (weights, words) in [
            (&[1.0][..], "1 weights for 2 examples"),
            (&[1.0, -2.0], "example 1 has the weight -2"),
            (&[f32::NAN, 1.0], "example 0 has the weight NaN"),
        ] {
            let targets = BatchTargets {
                targets: Targets::Classes(&[0, 1]),
                weights: Some(weights),
            };
            says(trainer.task_step(1, &[0.5; 6], targets), &["task 1", words]);
        }
    }
}

#[test]
fn noise_of_other_lengths_is_refused() {
    let mut trainer = trainer::<Classes>(Kind::Cpu(1));
    let targets = Targets::Classes(&[0, 1]);
    let mut compute = |uniforms: usize, masks: Vec<Vec<f32>>| {
        let uniforms = vec![0.5; uniforms];
        trainer.compute(0, &[0.5; 6], targets, &Noise { uniforms, masks })
    };
    let mask = |len: usize| vec![vec![1.0; len]];
    says(compute(3, mask(8)), &["3 uniform draws", "need 4"]);
    says(compute(4, mask(4)), &["masks of [4]", "needs [8]"]);
    says(compute(4, Vec::new()), &["masks of []", "needs [8]"]);
    compute(4, mask(8)).unwrap();
}

/// An update has gradients, those of a batch that nothing was wrong with.
#[test]
fn an_update_without_gradients_is_refused() {
    for kind in KINDS {
        let mut trainer = trainer::<Classes>(kind);
        let before = bits(&flat(&trainer.parameters()));
        let refused = |trainer: &mut Trainer| {
            says(trainer.update(), &["call `compute`"]);
            assert_eq!(bits(&flat(&trainer.parameters())), before, "{kind:?}");
            assert_eq!((trainer.global_step(), trainer.updates()), (0, 0));
        };
        refused(&mut trainer);
        assert!(flat(&trainer.gradient()).iter().all(|&g| g == 0.0));
        let noise = Noise {
            uniforms: vec![0.5; 4],
            masks: vec![vec![1.0; 8]],
        };
        let targets = Targets::Classes(&[0, 1]);
        trainer.compute(0, &[0.5; 6], targets, &noise).unwrap();
        let bad = trainer.compute(0, &[f32::NAN; 6], targets, &noise);
        says(bad, &["NaN or infinity"]);
        refused(&mut trainer);
        trainer.compute(0, &[0.5; 6], targets, &noise).unwrap();
        trainer.update().unwrap();
        assert_ne!(bits(&flat(&trainer.parameters())), before, "{kind:?}");
    }
}

#[test]
fn more_task_steps_than_can_be_counted_are_refused() {
    let settings = TrainSettings::default().steps_per_task(u64::MAX / 2 + 1);
    says(
        Trainer::new(&Classes::NETWORK, &settings, &[2, 2], 1),
        &["9223372036854775808 steps per task of 2 tasks"],
    );
}

#[test]
fn parameters_that_do_not_fit_are_refused() {
    let mut trainer = trainer::<Classes>(Kind::Cpu(1));
    let good = trainer.parameters();
    let mut short = good.clone();
    short[0].values.pop();
    let path = good[0].path.as_str();
    says(trainer.set_parameters(&short), &[path, "has 11 values"]);
    assert_eq!(trainer.parameters(), good);
}

/// A parameter that became no number is an error also after the last step,
/// when no training loss shows it, and for a task whose accuracy is finite.
#[test]
fn an_evaluation_that_is_no_number_is_an_error() {
    let set = Made {
        input_len: 3,
        inputs: vec![0.5; 6],
        classes: vec![0, 1],
        values: Vec::new(),
    };
    let set = set.examples().unwrap();
    for kind in KINDS {
        let mut trainer = trainer::<Classes>(kind);
        let good = trainer.parameters();
        for path in ["dense.0.0.weight", "head.0.bias", "dense.router.logits"] {
            let mut bad = good.clone();
            let tensor = bad.iter_mut().find(|t| t.path == path).expect("there");
            tensor.values.fill(f32::NAN);
            trainer.set_parameters(&bad).unwrap();
            says(trainer.evaluate(0, &set), &["task 0", "not finite"]);
        }
        trainer.set_parameters(&good).unwrap();
        assert!(trainer.evaluate(0, &set).is_ok(), "{kind:?}");
    }
}

/// With clipping on, an infinite gradient would be scaled by 0, and 0 times
/// infinity would enter the moments.
#[test]
fn a_gradient_that_cannot_be_clipped_is_an_error_and_changes_nothing() {
    let mut settings = TrainSettings::default();
    settings.clip_norm = Some(1.0);
    for kind in KINDS {
        let trainer = kind.trainer::<Values>(&settings, &[2, 2]);
        let mut trainer = trainer.unwrap();
        let mut parameters = trainer.parameters();
        for tensor in &mut parameters {
            let value = match tensor.path.as_str() {
                "dense.0.weight" => 1e18,
                "head.0.weight" => 1.0,
                _ => 0.0,
            };
            tensor.values.fill(value);
        }
        trainer.set_parameters(&parameters).unwrap();
        let before = bits(&flat(&trainer.parameters()));
        // Outputs of 4e18 have a finite loss, but their gradient times the
        // features and the inputs overflows.
        let step = trainer.task_step(0, &[1e18, 0.0, 0.0], Targets::Values(&[0.0; 2]));
        says(step, &["cannot be clipped", "task 0", "task step 0"]);
        assert_eq!(bits(&flat(&trainer.parameters())), before, "{kind:?}");
        assert_eq!(trainer.updates(), 0);
    }
}
