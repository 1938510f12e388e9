//! What is summed up between two train lines.

use std::collections::BTreeMap;

use paramalloc_core::penalty::binary_entropy;
use paramalloc_core::summary::TrainMetric;
use paramalloc_core::train::{StepReport, Trainer};
use paramalloc_plot::format::mean;
use serde::{Deserialize, Serialize};

/// Sums over the task steps since the last train line. A checkpoint holds
/// them to the last bit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "SumBits", into = "SumBits")]
pub struct Sums {
    task_loss: Vec<(f64, u32)>,
    auxiliary: f64,
    steps: u32,
}

impl Sums {
    /// For so many tasks.
    pub fn new(tasks: usize) -> Self {
        Self {
            task_loss: vec![(0.0, 0); tasks],
            ..Self::default()
        }
    }

    /// Counts a task step.
    pub fn add(&mut self, task: usize, report: &StepReport) {
        let (sum, count) = &mut self.task_loss[task];
        *sum += report.task_loss;
        *count += 1;
        self.auxiliary += report.auxiliary_loss();
        self.steps += 1;
    }

    /// Number of tasks.
    pub fn tasks(&self) -> usize {
        self.task_loss.len()
    }

    /// True if no task step came since the last line.
    pub fn is_empty(&self) -> bool {
        self.steps == 0
    }

    /// The line, and a new start.
    pub fn line(&mut self, trainer: &Trainer) -> TrainMetric {
        let mean = |&(sum, count): &(f64, u32)| (count > 0).then(|| sum / f64::from(count));
        let probabilities = probabilities(trainer);
        // Which components a task's gate weighs is no choice that has an entropy.
        let layers = trainer.routers().layers.iter().filter(|l| !l.is_gated());
        let line = TrainMetric {
            global_step: trainer.global_step(),
            task_loss: self.task_loss.iter().map(mean).collect(),
            auxiliary_loss: self.auxiliary / f64::from(self.steps.max(1)),
            entropy: mean_entropy(layers.filter_map(|layer| probabilities.get(&layer.name))),
            temperature: temperature(trainer),
            probabilities,
        };
        *self = Self::new(self.task_loss.len());
        line
    }
}

/// [`Sums`] with the bits of its numbers, which JSON may not hold.
#[derive(Serialize, Deserialize)]
struct SumBits {
    task_loss: Vec<(u64, u32)>,
    auxiliary: u64,
    steps: u32,
}

impl From<Sums> for SumBits {
    fn from(sums: Sums) -> Self {
        let task_loss = sums.task_loss.iter();
        Self {
            task_loss: task_loss.map(|&(sum, n)| (sum.to_bits(), n)).collect(),
            auxiliary: sums.auxiliary.to_bits(),
            steps: sums.steps,
        }
    }
}

impl From<SumBits> for Sums {
    fn from(bits: SumBits) -> Self {
        let task_loss = bits.task_loss.iter();
        Self {
            task_loss: task_loss
                .map(|&(sum, n)| (f64::from_bits(sum), n))
                .collect(),
            auxiliary: f64::from_bits(bits.auxiliary),
            steps: bits.steps,
        }
    }
}

fn probabilities(trainer: &Trainer) -> BTreeMap<String, Vec<Vec<f32>>> {
    let layers = trainer.routers().layers.iter().enumerate();
    layers
        .map(|(index, layer)| (layer.name.clone(), trainer.routers().probabilities(index)))
        .collect()
}

/// Mean binary entropy of all entries of these layers in nats; 0 without entries.
fn mean_entropy<'a>(layers: impl Iterator<Item = &'a Vec<Vec<f32>>>) -> f64 {
    let entries = layers.flatten().flatten();
    mean(entries.map(|&p| binary_entropy(p))).unwrap_or_default()
}

/// The temperature of the last task step, of the first learned layer if they
/// differ; 0 where nothing is learned.
pub fn temperature(trainer: &Trainer) -> f64 {
    let learned = trainer.routers().layers.iter().find(|l| l.is_learned());
    let last = trainer.global_step().saturating_sub(1);
    learned.map_or(0.0, |layer| layer.temperature.at(last))
}

#[cfg(test)]
mod tests {
    use paramalloc_core::prelude::*;

    use super::*;

    #[test]
    fn entropy_is_that_of_the_formula() {
        let layer = vec![vec![0.5, 1.0], vec![0.0, 0.25]];
        // import math
        // (math.log(2) - .25*math.log(.25) - .75*math.log(.75)) / 4
        let expected = 0.31387058129468837;
        assert!((mean_entropy([layer].iter()) - expected).abs() < 1e-8);
        assert_eq!(mean_entropy([].iter()), 0.0);
    }

    /// Gates beside a router whose probabilities are a half.
    #[multitask(input = 4)]
    struct Beside {
        #[routed(2, gate, private = 1)]
        experts: Linear<4, 4>,
        #[routed(2)]
        routed: Linear<4, 4>,
        #[head(classes = 2)]
        head: Linear<4, 2>,
    }

    #[test]
    fn gates_have_no_entropy() {
        let settings = TrainSettings::default();
        let trainer = Trainer::new(&Beside::NETWORK, &settings, &[2, 2], 1).unwrap();
        let line = Sums::new(2).line(&trainer);
        assert!(
            (line.entropy - 2.0_f64.ln()).abs() < 1e-6,
            "{}",
            line.entropy
        );
        assert_eq!(line.probabilities["experts"][1], [1.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn sums_come_back_from_json_to_the_last_bit() {
        let sums = Sums {
            task_loss: vec![(0.1 + 0.2, 3), (f64::INFINITY, 1), (-0.0, 0)],
            auxiliary: f64::MIN_POSITIVE / 3.0,
            steps: 4,
        };
        let json = serde_json::to_string(&sums).unwrap();
        let back: Sums = serde_json::from_str(&json).unwrap();
        assert_eq!(back, sums);
        assert!(back.task_loss[2].0.is_sign_negative());
    }
}
