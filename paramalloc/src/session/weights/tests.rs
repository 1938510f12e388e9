use std::collections::BTreeMap;
use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, OwnedTargets};
use paramalloc_core::loss::Loss;
use paramalloc_core::network::shape::Dims;
use paramalloc_core::train::{TrainSettings, Trainer};

use super::*;

fn examples(targets: impl Into<OwnedTargets>) -> Examples {
    let inputs = FloatInputs::new(1, vec![0.5; 4]).unwrap();
    Examples::new(Arc::new(inputs), targets).unwrap()
}

/// A task of two classes, three examples of the first and one of the other; and one of
/// a label that one of four has.
fn tasks() -> Vec<Task> {
    let kind = Task::new("kind", 2, examples(vec![0_u16, 0, 1, 0]));
    let sick = Task::new("sick", 1, examples(vec![0.0_f32, 0.0, 1.0, 0.0]));
    vec![
        kind.class_names(["plain", "rare"]),
        sick.loss(Loss::BinaryCrossEntropy),
    ]
}

fn network() -> Network {
    let network = Network::builder("Net", Dims::features(1));
    network.head_from_data("head").build().unwrap()
}

fn weighted(settings: &Settings) -> Result<Vec<Task>, Error> {
    let mut tasks = tasks();
    give(&mut tasks, &network(), settings).map(|()| tasks)
}

fn named(weights: &[(&str, f64)]) -> Settings {
    let weights = weights
        .iter()
        .map(|(name, weight)| ((*name).to_owned(), *weight));
    Settings {
        class_weights: Some(ClassWeights::Named(weights.collect())),
        ..Settings::default()
    }
}

/// The loss of each task where the first says 3/4 and 1/4 for its classes, and the
/// second 1/4 for its label.
fn losses(tasks: &[Task]) -> Vec<f64> {
    let settings = TrainSettings::default();
    let mut trainer = Trainer::new(&network(), &settings, tasks, 1).unwrap();
    let mut parameters = trainer.parameters();
    let ln3 = 3.0_f32.ln();
    for tensor in &mut parameters {
        tensor.values = match tensor.path.as_str() {
            "head.0.bias" => vec![ln3, 0.0],
            "head.1.bias" => vec![-ln3],
            _ => vec![0.0; tensor.values.len()],
        };
    }
    trainer.set_parameters(&parameters).unwrap();
    let tasks = tasks.iter().enumerate();
    tasks
        .map(|(index, task)| trainer.evaluate(index, &task.train).unwrap().loss)
        .collect()
}

#[track_caller]
fn close(found: &[f64], wanted: [f64; 2]) {
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() < 1e-6, "{found} {wanted}");
    }
}

#[test]
fn the_loss_of_weighted_classes_is_that_by_hand() {
    let (common, rare) = ((4.0_f64 / 3.0).ln(), 4.0_f64.ln());
    let plain = losses(&tasks());
    close(&plain, [(3.0 * common + rare) / 4.0; 2]);

    let balanced = weighted(&Settings {
        class_weights: Some(ClassWeights::Balanced),
        ..Settings::default()
    });
    let balanced = balanced.unwrap();
    assert_eq!(balanced[0].class_weights, [4.0 / 6.0, 2.0]);
    assert_eq!(balanced[1].class_weights, [3.0]);
    close(&losses(&balanced), [(common + rare) / 2.0; 2]);

    let mut settings = named(&[("plain", 0.5), ("sick", 2.0)]);
    settings.task_weights = BTreeMap::from([("kind".to_owned(), 10.0)]);
    let by_name = weighted(&settings).unwrap();
    let kind = 10.0 * (0.5 * 3.0 * common + rare) / 2.5;
    close(&losses(&by_name), [kind, (3.0 * common + 2.0 * rare) / 5.0]);
    // A class of one task.
    let of_task = weighted(&named(&[("kind:rare", 7.0), ("sick:1", 3.0)])).unwrap();
    assert_eq!(of_task[0].class_weights, [1.0, 7.0]);
    assert_eq!(of_task[1].class_weights, [3.0]);
}

#[test]
fn names_of_nothing_are_refused() {
    let refusal = |settings: &Settings| weighted(settings).unwrap_err().to_string();
    let sentence = refusal(&named(&[("rarer", 2.0)]));
    let part = "`rarer`, which is no class; the classes are plain, rare, sick";
    assert!(sentence.contains(part), "{sentence}");
    let unknown = Settings {
        task_weights: BTreeMap::from([("kinds".to_owned(), 2.0)]),
        ..Settings::default()
    };
    let sentence = refusal(&unknown);
    assert!(sentence.contains("the tasks are kind, sick"), "{sentence}");

    let mut values = vec![Task::new("age", 1, examples(vec![0.5_f32; 4]))];
    let balanced = Settings {
        balanced_batches: true,
        ..Settings::default()
    };
    let refused = give(&mut values, &network(), &balanced).unwrap_err();
    assert!(
        refused.to_string().contains("no task tells classes apart"),
        "{refused}"
    );
}

#[test]
fn weights_are_written_as_in_a_file() {
    let read = |text: &str| text.parse::<ClassWeights>().unwrap();
    assert_eq!(read("balanced"), ClassWeights::Balanced);
    let json = |weights: &ClassWeights| serde_json::to_string(weights).unwrap();
    assert_eq!(json(&ClassWeights::Balanced), r#""balanced""#);
    let by_name = read("yes=5, a=b=0.5");
    assert_eq!(json(&by_name), r#"{"a=b":0.5,"yes":5.0}"#);
    for text in [json(&by_name), json(&ClassWeights::Balanced)] {
        let again: ClassWeights = serde_json::from_str(&text).unwrap();
        assert_eq!(json(&again), text);
    }
    assert!("yes".parse::<ClassWeights>().unwrap_err().contains("yes=5"));
}

/// Whatever comes first in the alphabet.
#[test]
fn what_is_said_of_one_task_counts_more() {
    for (of_all, of_one) in [("rare", "kind:rare"), ("rare", "kind:plain")] {
        let tasks = weighted(&named(&[(of_one, 5.0), (of_all, 2.0)])).unwrap();
        let index = usize::from(of_one.ends_with("rare"));
        assert_eq!(tasks[0].class_weights[index], 5.0, "{of_one}");
    }
    let mut tasks = tasks();
    tasks[0].name = "zoo".to_owned();
    give(
        &mut tasks,
        &network(),
        &named(&[("zoo:rare", 5.0), ("rare", 2.0)]),
    )
    .unwrap();
    assert_eq!(tasks[0].class_weights, [1.0, 5.0]);
    assert!("a=1,a=2".parse::<ClassWeights>().is_err());
}
