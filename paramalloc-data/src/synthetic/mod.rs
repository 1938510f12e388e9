//! Pairs of regression tasks of known relatedness, the generator of Ma et
//! al., "Modeling Task Relationships in Multi-task Learning with Multi-gate
//! Mixture-of-Experts" (2018), for any number of pairs.

mod normal;

use std::collections::BTreeMap;
use std::sync::Arc;

use paramalloc_core::data::{Examples, FloatInputs, Task};
use paramalloc_core::random::{Purpose, Random};
use paramalloc_core::summary::DataIdentity;
use serde::{Deserialize, Serialize};

use crate::error::{DataError, OptionRange};
use normal::Normal;

/// Number of sines in a label.
const SINES: usize = 10;

/// Standard deviation of the noise in a label.
const NOISE: f64 = 0.01;

/// Which tasks to make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SyntheticOptions {
    /// Relatedness of the two tasks of each pair: the cosine of the angle
    /// between their weights, -1 to 1.
    pub relatedness: Vec<f64>,
    /// Features of an input, at least 2 for each pair.
    pub dims: usize,
    /// Training examples of each task, at least 1.
    pub train_examples: usize,
    /// Test examples of each task, at least 1.
    pub test_examples: usize,
    /// Seed of weights, inputs and noise.
    pub seed: u64,
}

impl SyntheticOptions {
    /// A pair of tasks for each `relatedness`, -1 to 1, with 100 features, or two for
    /// each pair if that is more, 50,000 training and 2,000 test examples, of seed 0.
    pub fn new(relatedness: impl IntoIterator<Item = f64>) -> Self {
        let relatedness: Vec<f64> = relatedness.into_iter().collect();
        Self {
            dims: (2 * relatedness.len()).max(100),
            relatedness,
            train_examples: 50_000,
            test_examples: 2000,
            seed: 0,
        }
    }

    /// Sets the number of features of an input, at least 2 for each pair.
    #[must_use]
    pub fn dims(mut self, dims: usize) -> Self {
        self.dims = dims;
        self
    }

    /// Sets the number of training examples of each task, at least 1.
    #[must_use]
    pub fn train_examples(mut self, examples: usize) -> Self {
        self.train_examples = examples;
        self
    }

    /// Sets the number of test examples of each task, at least 1.
    #[must_use]
    pub fn test_examples(mut self, examples: usize) -> Self {
        self.test_examples = examples;
        self
    }

    /// Sets the seed of weights, inputs and noise.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Refuses what is out of its range.
    pub(super) fn check(&self) -> Result<(), DataError> {
        let pairs = self.relatedness.len();
        let at_least_1 = |option, value: usize| {
            DataError::check_option(option, value as f64, OptionRange::AtLeast(1.0))
        };
        at_least_1("number of pairs of tasks", pairs)?;
        for &relatedness in &self.relatedness {
            let range = OptionRange::Within(-1.0, 1.0);
            DataError::check_option("relatedness of a pair", relatedness, range)?;
        }
        if self.dims < 2 * pairs {
            return Err(DataError::Features {
                pairs,
                needed: 2 * pairs,
                found: self.dims,
            });
        }
        at_least_1("number of training examples", self.train_examples)?;
        at_least_1("number of test examples", self.test_examples)
    }
}

/// Two tasks per pair, `pair 1 a` and `pair 1 b` in group `pair 1` and so on,
/// each with one output and evaluated on `train` and `test`.
///
/// With orthonormal `u1, u2` of a pair and its relatedness `r`, the weights
/// `w` of the two tasks are `u1` and `r * u1 + sqrt(1 - r^2) * u2`. The label
/// of `x ~ N(0, I)` is
/// `w.x + sum_{k=1..10} sin(k * w.x + (k - 1)^2) + N(0, 0.01^2)`. Weights of
/// different pairs are orthogonal. Every task has inputs of its own.
///
/// # Errors
/// If a setting is out of its range.
pub fn synthetic_tasks(options: &SyntheticOptions) -> Result<(Vec<Task>, DataIdentity), DataError> {
    options.check()?;
    let random = Random::new(options.seed);
    let mut tasks = Vec::new();
    for (index, weights) in task_weights(options, &random).iter().enumerate() {
        let group = format!("pair {}", index / 2 + 1);
        let set = |split: u64, count: usize| {
            // Stream 0 made the weights.
            let stream = random.stream(Purpose::Data, 1 + index as u64, split);
            examples(weights, count, &mut Normal::new(stream))
        };
        let train = set(0, options.train_examples)?;
        let task = Task::new(
            format!("{group} {}", ["a", "b"][index % 2]),
            1,
            train.clone(),
        )
        .group(group)
        .evaluated_on("train", train)
        .evaluated_on("test", set(1, options.test_examples)?);
        tasks.push(task);
    }
    let list: Vec<String> = options.relatedness.iter().map(f64::to_string).collect();
    let identity = DataIdentity {
        name: format!(
            "synthetic pairs of relatedness {} ({} features)",
            list.join(", "),
            options.dims
        ),
        real: true,
        files: BTreeMap::new(),
    };
    Ok((tasks, identity))
}

/// The weights of each task, two per pair.
fn task_weights(options: &SyntheticOptions, random: &Random) -> Vec<Vec<f64>> {
    let mut normal = Normal::new(random.stream(Purpose::Data, 0, 0));
    let basis = orthonormal(2 * options.relatedness.len(), options.dims, &mut normal);
    let pairs = basis.as_chunks::<2>().0.iter().zip(&options.relatedness);
    pairs
        .flat_map(|([first, second], r)| {
            let rest = (1.0 - r * r).sqrt();
            let mixed = first.iter().zip(second).map(|(u1, u2)| r * u1 + rest * u2);
            [first.clone(), mixed.collect()]
        })
        .collect()
}

/// Random orthonormal vectors, by the method of Gram and Schmidt.
fn orthonormal(count: usize, dims: usize, normal: &mut Normal) -> Vec<Vec<f64>> {
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(count);
    while basis.len() < count {
        let mut vector: Vec<f64> = (0..dims).map(|_| normal.draw()).collect();
        // Twice, as rounding leaves something of the others the first time.
        for other in basis.iter().chain(&basis) {
            let share = dot(&vector, other);
            for (value, other) in vector.iter_mut().zip(other) {
                *value -= share * other;
            }
        }
        let norm = dot(&vector, &vector).sqrt();
        // A vector that lies in the span of the others by chance is drawn
        // again.
        if norm > 1e-6 {
            vector.iter_mut().for_each(|value| *value /= norm);
            basis.push(vector);
        }
    }
    basis
}

fn examples(weights: &[f64], count: usize, normal: &mut Normal) -> Result<Examples, DataError> {
    let mut inputs = Vec::with_capacity(count * weights.len());
    let mut labels = Vec::with_capacity(count);
    for _ in 0..count {
        let start = inputs.len();
        inputs.extend(weights.iter().map(|_| normal.draw() as f32));
        labels.push((clean_label(weights, &inputs[start..]) + NOISE * normal.draw()) as f32);
    }
    let inputs = FloatInputs::new(weights.len(), inputs)?;
    Ok(Examples::new(Arc::new(inputs), labels)?)
}

/// The label without noise.
fn clean_label(weights: &[f64], input: &[f32]) -> f64 {
    let pairs = weights.iter().zip(input);
    let projection: f64 = pairs.map(|(w, &x)| w * f64::from(x)).sum();
    let sine = |k: usize| (k as f64 * projection + ((k - 1) * (k - 1)) as f64).sin();
    projection + (1..=SINES).map(sine).sum::<f64>()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests;
