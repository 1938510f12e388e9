//! `metrics.jsonl`: what is summed up between two lines, and the file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use paramalloc_core::summary::{Metric, TrainMetric};
use paramalloc_core::train::{StepReport, Trainer};

use super::folder::cannot;
use super::stop::Stop;

/// The open `metrics.jsonl` of a run.
pub struct MetricsLog {
    path: PathBuf,
    file: File,
    /// Bytes of the whole lines.
    len: u64,
}

impl MetricsLog {
    /// Goes on with the empty `file` at `path`.
    pub fn new(path: &Path, file: File) -> Self {
        Self {
            path: path.to_owned(),
            file,
            len: 0,
        }
    }

    /// Appends a line.
    ///
    /// # Errors
    /// A sentence naming the file, which ends with the last whole line then.
    pub fn append(&mut self, metric: &Metric) -> Result<(), Stop> {
        let mut line = serde_json::to_vec(metric).map_err(Stop::failure)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            // Best effort: the first error is the one to tell.
            let _ = self.file.set_len(self.len);
            return Err(cannot("write", &self.path, &error));
        }
        self.len += line.len() as u64;
        Ok(())
    }
}

/// Sums over the task steps since the last train line.
#[derive(Clone, Debug, Default, PartialEq)]
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

    /// True if no task step came since the last line.
    pub fn is_empty(&self) -> bool {
        self.steps == 0
    }

    /// The line, and a new start.
    pub fn line(&mut self, trainer: &Trainer) -> Metric {
        let mean = |&(sum, count): &(f64, u32)| (count > 0).then(|| sum / f64::from(count));
        let probabilities = probabilities(trainer);
        let line = TrainMetric {
            global_step: trainer.global_step(),
            task_loss: self.task_loss.iter().map(mean).collect(),
            auxiliary_loss: self.auxiliary / f64::from(self.steps.max(1)),
            entropy: mean_entropy(&probabilities),
            temperature: temperature(trainer),
            probabilities,
        };
        *self = Self::new(self.task_loss.len());
        Metric::Train(line)
    }
}

fn probabilities(trainer: &Trainer) -> BTreeMap<String, Vec<Vec<f32>>> {
    let layers = trainer.routers.layers.iter().enumerate();
    layers
        .map(|(index, layer)| (layer.name.clone(), trainer.routers.probabilities(index)))
        .collect()
}

/// Mean binary entropy of all entries in nats; 0 without entries.
fn mean_entropy(probabilities: &BTreeMap<String, Vec<Vec<f32>>>) -> f64 {
    let entries = || probabilities.values().flatten().flatten();
    let part = |p: f64| if p > 0.0 { -p * p.ln() } else { 0.0 };
    let entropy = |&p: &f32| part(f64::from(p)) + part(1.0 - f64::from(p));
    entries().map(entropy).sum::<f64>() / entries().count().max(1) as f64
}

/// The temperature of the last task step, of the first learned layer if they
/// differ; 0 where nothing is learned.
pub fn temperature(trainer: &Trainer) -> f64 {
    let learned = trainer.routers.layers.iter().find(|l| l.is_learned());
    let last = trainer.global_step().saturating_sub(1);
    learned.map_or(0.0, |layer| layer.temperature.at(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_that_of_the_formula() {
        let layer = vec![vec![0.5, 1.0], vec![0.0, 0.25]];
        let probabilities = BTreeMap::from([("conv".to_owned(), layer)]);
        // import math
        // (math.log(2) - .25*math.log(.25) - .75*math.log(.75)) / 4
        let expected = 0.31387058129468837;
        assert!((mean_entropy(&probabilities) - expected).abs() < 1e-8);
        assert_eq!(mean_entropy(&BTreeMap::new()), 0.0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_names_the_file() {
        let full = Path::new("/dev/full");
        let file = File::options().write(true).open(full).unwrap();
        let line = Metric::Evaluation(paramalloc_core::summary::EvaluationMetric {
            global_step: 1,
            results: BTreeMap::new(),
        });
        let error = MetricsLog::new(full, file).append(&line).unwrap_err();
        let Stop::Failure(sentence) = error else {
            panic!("{error:?}");
        };
        assert!(
            sentence.starts_with("cannot write /dev/full: "),
            "{sentence}"
        );
    }
}
