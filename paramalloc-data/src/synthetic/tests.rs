use paramalloc_core::data::Targets;

use super::*;

fn options() -> SyntheticOptions {
    SyntheticOptions {
        relatedness: vec![0.9, -0.5, 0.0, 1.0],
        dims: 12,
        train_examples: 4000,
        test_examples: 50,
        seed: 3,
    }
}

fn weights() -> Vec<Vec<f64>> {
    task_weights(&options(), &Random::new(options().seed))
}

fn inputs_and_labels(examples: &Examples, dims: usize) -> (Vec<f32>, Vec<f32>) {
    let mut inputs = vec![0.0; examples.len() * dims];
    for (index, input) in inputs.chunks_mut(dims).enumerate() {
        examples.write_input(index, None, input);
    }
    let Targets::Values(labels) = examples.targets() else {
        panic!("no values");
    };
    (inputs, labels.to_vec())
}

#[test]
fn the_basis_is_orthonormal_also_when_it_fills_the_space() {
    let mut normal = Normal::new(Random::new(1).stream(Purpose::Data, 0, 0));
    let basis = orthonormal(20, 20, &mut normal);
    for (i, a) in basis.iter().enumerate() {
        for (j, b) in basis.iter().enumerate() {
            let expected = f64::from(u8::from(i == j));
            assert!((dot(a, b) - expected).abs() < 1e-12, "{i} {j}");
        }
    }
}

#[test]
fn the_cosine_in_a_pair_is_its_relatedness_and_0_between_pairs() {
    let weights = weights();
    assert_eq!(weights.len(), 8);
    for (i, a) in weights.iter().enumerate() {
        for (j, b) in weights.iter().enumerate() {
            let expected = match (i == j, i / 2 == j / 2) {
                (true, _) => 1.0,
                (false, true) => options().relatedness[i / 2],
                (false, false) => 0.0,
            };
            assert!((dot(a, b) - expected).abs() < 1e-12, "{i} {j}");
        }
    }
}

/// ```python
/// from math import sin
/// for s in (0.0, 0.7, -1.3):
///     print(s + sum(sin(k * s + (k - 1) ** 2) for k in range(1, 11)))
/// ```
#[test]
fn the_label_without_noise_is_that_of_the_formula() {
    for (projection, label) in LABELS {
        let found = clean_label(&[0.5, 0.5], &[projection, projection]);
        // The projection has 24 bits and the slope is below 56.
        assert!((found - label).abs() < 1e-5, "{projection}: {found}");
    }
}

const LABELS: [(f32, f64); 3] = [
    (0.0, -1.5788615543),
    (0.7, 0.9236817798),
    (-1.3, -3.0860989238),
];

#[test]
fn the_noise_has_deviation_0_01_and_mean_0() {
    let (tasks, _) = synthetic_tasks(&options()).unwrap();
    for (task, weights) in tasks.iter().zip(weights()) {
        let (inputs, labels) = inputs_and_labels(&task.train, 12);
        let noise: Vec<f64> = inputs
            .chunks(12)
            .zip(&labels)
            .map(|(input, &label)| f64::from(label) - clean_label(&weights, input))
            .collect();
        let count = noise.len() as f64;
        let mean = noise.iter().sum::<f64>() / count;
        let deviation = (noise.iter().map(|n| n * n).sum::<f64>() / count).sqrt();
        // Five deviations of the estimates from 4000 draws.
        assert!(mean.abs() < 0.0008, "{}: mean {mean}", task.name);
        assert!(
            (deviation - NOISE).abs() < 0.0006,
            "{}: {deviation}",
            task.name
        );
    }
}

#[test]
fn inputs_and_labels_have_the_means_of_the_formula() {
    let (tasks, _) = synthetic_tasks(&options()).unwrap();
    // The mean of sin(k s + b) for normal s is sin(b) exp(-k^2 / 2).
    let term = |k: i32| f64::from((k - 1) * (k - 1)).sin() * (-f64::from(k * k) / 2.0).exp();
    let expected: f64 = (1..=10).map(term).sum();
    let mut all = 0.0;
    for task in &tasks {
        let (inputs, labels) = inputs_and_labels(&task.train, 12);
        let mean = |values: &[f32]| {
            values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64
        };
        assert!(mean(&inputs).abs() < 5.0 / (48_000_f64).sqrt());
        all += mean(&labels) / tasks.len() as f64;
    }
    // A label has a variance of about 6: 1 of the projection, 10 times half.
    let tolerance = 5.0 * (6.0_f64 / 32_000.0).sqrt();
    assert!((all - expected).abs() < tolerance, "{all} {expected}");
}

#[test]
fn tasks_come_in_pairs_and_depend_on_the_seed_alone() {
    let (tasks, identity) = synthetic_tasks(&options()).unwrap();
    let names: Vec<_> = tasks
        .iter()
        .map(|t| (t.name.as_str(), t.group.as_str()))
        .collect();
    assert_eq!(
        names[..3],
        [
            ("pair 1 a", "pair 1"),
            ("pair 1 b", "pair 1"),
            ("pair 2 a", "pair 2")
        ]
    );
    assert!(
        identity.name.contains("0.9, -0.5, 0, 1"),
        "{}",
        identity.name
    );
    let train = |tasks: &[Task], index: usize| inputs_and_labels(&tasks[index].train, 12);
    let (again, _) = synthetic_tasks(&options()).unwrap();
    assert_eq!(train(&tasks, 5), train(&again, 5));
    let (other, _) = synthetic_tasks(&SyntheticOptions {
        seed: 4,
        ..options()
    })
    .unwrap();
    assert_ne!(train(&tasks, 5), train(&other, 5));
    // Train and test, and the tasks, have inputs of their own.
    let (test, _) = inputs_and_labels(&tasks[0].evaluation[1].1, 12);
    assert_eq!(test.len(), 50 * 12);
    assert_ne!(test, train(&tasks, 0).0[..600]);
    assert_ne!(train(&tasks, 0).0, train(&tasks, 1).0);
    // More examples begin with the same ones.
    let more = SyntheticOptions {
        train_examples: 4001,
        ..options()
    };
    let (more, _) = synthetic_tasks(&more).unwrap();
    assert_eq!(train(&more, 2).0[..48_000], train(&tasks, 2).0);
}

#[test]
fn settings_out_of_range_are_refused() {
    let refused = |change: &dyn Fn(&mut SyntheticOptions)| {
        let mut options = options();
        change(&mut options);
        synthetic_tasks(&options).err().unwrap().to_string()
    };
    assert!(refused(&|o| o.relatedness[1] = 1.5).contains("1.5"));
    assert!(refused(&|o| o.relatedness[1] = f64::NAN).contains("NaN"));
    assert!(
        refused(&|o| o.relatedness.clear())
            .contains("pairs of tasks is 0, but it must be at least 1")
    );
    assert!(refused(&|o| o.dims = 7).contains("at least 8 features"));
    assert!(refused(&|o| o.test_examples = 0).contains("test examples is 0"));
}
