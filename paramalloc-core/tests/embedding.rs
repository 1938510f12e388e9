//! A network of indices: what it learns, and the inputs that it refuses.

use std::sync::Arc;

use paramalloc_core::data::{Examples, ExamplesError, FloatInputs, IndexInputs, Targets};
use paramalloc_core::error::{Error, NetworkError};
use paramalloc_core::network::plan::Plan;
use paramalloc_core::prelude::*;

/// Users (rows 0 to 5) and items (rows 6 to 13); two tasks.
#[multitask(input = 2, tasks = 2)]
struct Recommender {
    #[routed(3)]
    table: Embedding<14, 4>,
    flatten: Flatten2D,
    dense: (Linear<8, 16>, ReLU),
    #[head(classes = 2)]
    head: Linear<16, 2>,
}

/// An embedding of what a layer gives.
#[multitask(input = 4, tasks = 1)]
struct Late {
    dense: Linear<4, 2>,
    table: (ReLU, Embedding<3, 4>),
    flatten: Flatten2D,
    #[head(classes = 2)]
    head: Linear<8, 2>,
}

fn trainer() -> Trainer {
    let settings = TrainSettings::default()
        .steps_per_task(300)
        .learning_rate(0.02);
    Trainer::new(&Recommender::NETWORK, &settings, &[2, 2], 1).unwrap()
}

/// Every user with every item.
fn pairs() -> Vec<u32> {
    (0..6)
        .flat_map(|user| (6..14).flat_map(move |item| [user, item]))
        .collect()
}

#[test]
fn each_task_learns_what_users_choose() {
    let pairs = pairs();
    let inputs: Vec<f32> = pairs.iter().map(|&index| index as f32).collect();
    let likes: Vec<u16> = (pairs.chunks(2))
        .map(|pair| ((pair[0] + pair[1]) % 2) as u16)
        .collect();
    let buys: Vec<u16> = (pairs.chunks(2))
        .map(|pair| u16::from(pair[0] * 2 > pair[1] - 6))
        .collect();
    let mut trainer = trainer();
    let mut losses = [f64::NAN; 2];
    for _ in 0..300 {
        for (task, classes) in [&likes, &buys].into_iter().enumerate() {
            let report = trainer
                .task_step(task, &inputs, Targets::Classes(classes))
                .unwrap();
            losses[task] = report.task_loss;
        }
    }
    assert!(losses.iter().all(|&loss| loss < 0.2), "{losses:?}");
}

#[test]
fn an_index_without_a_row_is_named_by_its_place() {
    let error = trainer().task_step(1, &[0.0, 6.0, 5.0, 14.0], Targets::Classes(&[0, 1]));
    let Err(Error::TaskExamples { task: 1, source }) = error else {
        panic!("not refused");
    };
    let found = "14".to_string();
    let (row, column, count) = (1, 1, 14);
    assert_eq!(
        source,
        ExamplesError::Index {
            row,
            column,
            found,
            count
        }
    );
    for value in [-1.0, 0.5, f32::NAN, f32::INFINITY] {
        let error = trainer().task_step(0, &[value, 6.0], Targets::Classes(&[0]));
        assert!(matches!(error, Err(Error::TaskExamples { .. })), "{value}");
    }
}

#[test]
fn inputs_that_are_not_indices_are_refused() {
    let classes = || vec![0_u16, 1];
    let numbers = FloatInputs::new(2, vec![0.0, 6.0, 1.0, 7.0]).unwrap();
    let numbers = Examples::new(Arc::new(numbers), classes()).unwrap();
    let error = trainer().evaluate(0, &numbers).unwrap_err();
    let expected = "`Recommender` begins with an embedding of 14 rows, but the inputs are not indices; give `IndexInputs` of at most 14 indices";
    assert!(error.to_string().contains(expected), "{error}");
    let many = IndexInputs::new(2, vec![0, 6, 1, 7], 15).unwrap();
    let many = Examples::new(Arc::new(many), classes()).unwrap();
    assert!(trainer().evaluate(0, &many).is_err());
    let right = IndexInputs::new(2, vec![0, 6, 1, 7], 14).unwrap();
    let right = Examples::new(Arc::new(right), classes()).unwrap();
    assert!(trainer().evaluate(0, &right).unwrap().loss.is_finite());
}

#[test]
fn an_embedding_stands_first() {
    let error = Plan::new(&Late::NETWORK, &[2]).unwrap_err();
    let Error::Network(NetworkError::Rule { field, problem, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(field.as_deref(), Some("table"));
    assert_eq!(
        problem,
        "`Embedding` in `table` must be the first layer of the network: it looks up the indices of the input"
    );
}
