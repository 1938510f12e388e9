//! The logger that writes `metrics.jsonl`.

use std::path::Path;

use paramalloc_core::summary::{FileContent, Metric, TrainMetric};

use super::logger::{Event, Logger};
use crate::error::Error;
use crate::run_dir::growing_file::GrowingFile;
use crate::settings::schedule::Schedule;

/// Decimals of a connection probability.
const DECIMALS: i32 = 4;

/// Writes train lines and evaluations to a file, a JSON object per line.
///
/// Losses have seven significant digits, and connection probabilities, which at
/// most about sixty lines of a run have, four decimals: forty tasks for 10,000
/// steps each take less than 2 MB. Results are written in full.
#[derive(Debug)]
pub struct JsonLines {
    file: GrowingFile,
    schedule: Schedule,
    tasks: u64,
}

impl JsonLines {
    /// Writes the lines of so many tasks to the file at `path`, made if need be,
    /// after its first `len` bytes; what comes after them is cut off.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub(crate) fn open(
        path: &Path,
        len: u64,
        (schedule, tasks): (Schedule, usize),
    ) -> Result<Self, Error> {
        Ok(Self {
            file: GrowingFile::open(path, len)?,
            schedule,
            tasks: tasks.max(1) as u64,
        })
    }

    /// What the file holds once all of it is on the disk.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn flush(&self) -> Result<FileContent, Error> {
        self.file.flush()
    }
}

impl Logger for JsonLines {
    fn log(&mut self, event: &Event<'_>) -> Result<(), Error> {
        let metric = match *event {
            Event::Train(line) => Metric::Train(self.compact(line)),
            Event::Evaluation(line) => Metric::Evaluation(line.clone()),
            _ => return Ok(()),
        };
        let line = serde_json::to_vec(&metric);
        let mut line = line.map_err(Error::json("a line of metrics.jsonl"))?;
        line.push(b'\n');
        self.file.append(&line)
    }
}

impl JsonLines {
    /// The line as it is written.
    fn compact(&self, line: &TrainMetric) -> TrainMetric {
        let has_probabilities = self
            .schedule
            .logs_probabilities(line.global_step, self.tasks);
        let mut compact = TrainMetric {
            global_step: line.global_step,
            task_loss: line
                .task_loss
                .iter()
                .map(|loss| loss.map(rounded))
                .collect(),
            auxiliary_loss: rounded(line.auxiliary_loss),
            entropy: rounded(line.entropy),
            temperature: rounded(line.temperature),
            probabilities: [].into(),
        };
        if has_probabilities {
            compact.probabilities = line.probabilities.clone();
        }
        let scale = 10_f32.powi(DECIMALS);
        let all = compact.probabilities.values_mut().flatten().flatten();
        all.for_each(|p| *p = (*p * scale).round() / scale);
        compact
    }
}

/// To seven significant digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use paramalloc_core::summary::EvaluationMetric;

    use super::*;

    /// Forty tasks, three routed layers of sixteen components.
    fn line(step: u64) -> TrainMetric {
        let value = |index: u64| ((step * 40 + index) as f64 * 0.754_877_666_246_692_8).fract();
        let row = |task: u64| (0..16).map(|c| value(task * 16 + c) as f32).collect();
        let layer = |name: &str| (name.to_owned(), (0..40).map(row).collect());
        TrainMetric {
            global_step: step,
            task_loss: (0..40).map(|task| Some(value(task) / 3.0)).collect(),
            auxiliary_loss: value(41),
            entropy: value(42),
            temperature: value(43),
            probabilities: BTreeMap::from(["block1", "block2", "block3"].map(layer)),
        }
    }

    #[test]
    fn forty_tasks_for_ten_thousand_steps_take_less_than_two_megabytes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("metrics.jsonl");
        let schedule = Schedule {
            log_every: 10,
            eval_every: 500,
            checkpoint_every: 0,
            rounds: 10_000,
        };
        let mut lines = JsonLines::open(&path, 0, (schedule, 40)).unwrap();
        for round in 1..=schedule.rounds {
            if schedule.logs_after(round) {
                lines.log(&Event::Train(&line(40 * round))).unwrap();
            }
            if schedule.evaluates_after(round) {
                let results = vec![1.0 / 3.0; 40];
                let results =
                    ["train", "validation", "test"].map(|s| (s.to_owned(), results.clone()));
                let evaluation = EvaluationMetric {
                    global_step: 40 * round,
                    results: results.into(),
                    ..EvaluationMetric::default()
                };
                lines.log(&Event::Evaluation(&evaluation)).unwrap();
            }
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.len() < 2_000_000, "{} bytes", text.len());
        let read: Vec<Metric> = text
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect();
        assert_eq!(read.len(), 1000 + 20);
        let (Metric::Train(first), Metric::Train(second)) = (&read[0], &read[1]) else {
            panic!("the first lines are of training");
        };
        assert!(second.probabilities.is_empty());
        let (found, wanted) = (
            &first.probabilities["block2"],
            &line(400).probabilities["block2"],
        );
        for (found, wanted) in found.iter().flatten().zip(wanted.iter().flatten()) {
            assert!((found - wanted).abs() < 6e-5);
        }
        for (found, wanted) in second.task_loss.iter().zip(line(800).task_loss) {
            assert!((found.unwrap() / wanted.unwrap() - 1.0).abs() < 1e-6);
        }
    }
}
