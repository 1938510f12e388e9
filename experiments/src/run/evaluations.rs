//! `evaluations.jsonl`: a line for each checkpoint that was evaluated.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use paramalloc_core::network::Loss;
use paramalloc_core::summary::EvaluationMetric;
use paramalloc_core::train::checkpoint;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::checkpoints::{BEST, VALIDATION, file_name, is_better, mean_result};
use super::columns::{Column, lines};
use super::display::{count, result};
use super::folder::{CHECKPOINTS, cannot};
use super::outcome::metric;
use super::report::in_order;
use super::stop::Stop;

/// File of the table in a run's folder.
pub const EVALUATIONS: &str = "evaluations.jsonl";

/// Results on this split are reported.
const TEST: &str = "test";

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// File name of the checkpoint.
    pub checkpoint: String,
    /// Task steps and results by split, one per task.
    #[serde(flatten)]
    pub evaluation: EvaluationMetric,
}

/// The lines of a run, in the file and in memory.
pub struct Evaluations {
    path: PathBuf,
    file: File,
    loss: Loss,
    /// The lines in the order of the file.
    pub lines: Vec<Line>,
}

impl Evaluations {
    /// Opens the table of a run, made if need be. A last line that was cut off
    /// while being written is taken away.
    ///
    /// # Errors
    /// A sentence naming the file and the line that is broken.
    pub fn open(run: &Path, loss: Loss) -> Result<Self, Stop> {
        let path = run.join(EVALUATIONS);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(cannot("read", &path, &e)),
        };
        let mut held = Vec::new();
        let mut len = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            if !line.ends_with('\n') {
                break;
            }
            held.push(serde_json::from_str(line).map_err(|e| {
                let (path, line) = (path.display(), index + 1);
                Stop::Failure(format!(
                    "{path} is broken at line {line}: {e}; move it away"
                ))
            })?);
            len += line.len() as u64;
        }
        let mut options = OpenOptions::new();
        let opened = options.write(true).create(true).truncate(false).open(&path);
        let cut = opened.and_then(|mut file| {
            file.set_len(len)?;
            file.seek(SeekFrom::Start(len))?;
            Ok(file)
        });
        Ok(Self {
            file: cut.map_err(|e| cannot("write", &path, &e))?,
            path,
            loss,
            lines: held,
        })
    }

    /// True if the checkpoint of this step is in the table.
    pub fn has(&self, step: u64) -> bool {
        self.lines.iter().any(|l| l.evaluation.global_step == step)
    }

    /// Adds a line to the table and the file.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub fn add(&mut self, line: Line) -> Result<(), Stop> {
        let mut json = serde_json::to_vec(&line).map_err(Stop::failure)?;
        json.push(b'\n');
        let written = self.file.write_all(&json);
        written.map_err(|e| cannot("write", &self.path, &e))?;
        self.lines.push(line);
        Ok(())
    }

    /// The means over all tasks by split, in a row per checkpoint, the best
    /// named below.
    pub fn text(&self) -> String {
        let mut lines_by_step: Vec<&Line> = self.lines.iter().collect();
        lines_by_step.sort_by_key(|line| line.evaluation.global_step);
        let steps = lines_by_step.iter();
        let steps = steps.map(|line| count(line.evaluation.global_step));
        let mut columns = vec![Column::right("step", steps)];
        for split in self.splits() {
            let means = lines_by_step.iter().map(|l| self.mean(l, split));
            columns.push(Column::right(split, means));
        }
        format!("{}\n{}\n", lines(&columns).join("\n"), self.best_text())
    }

    /// One line for people.
    pub fn line_text(&self, line: &Line) -> String {
        let step = count(line.evaluation.global_step);
        let means = in_order(line.evaluation.results.keys().map(String::as_str));
        let means: Vec<String> = means
            .into_iter()
            .map(|split| format!("{split} {}", self.mean(line, split)))
            .collect();
        format!("step {step}: mean {} {}", self.measure(), means.join(", "))
    }

    fn splits(&self) -> Vec<&str> {
        let first = self.lines.first().into_iter();
        in_order(first.flat_map(|line| line.evaluation.results.keys().map(String::as_str)))
    }

    /// What the mean over the tasks is of.
    fn measure(&self) -> &'static str {
        match self.loss {
            Loss::SoftmaxCrossEntropy => "accuracy",
            Loss::MeanSquaredError => "squared error",
        }
    }

    fn mean(&self, line: &Line, split: &str) -> String {
        let mean = mean_result(&line.evaluation, split);
        mean.map_or("-".to_owned(), |mean| result(metric(self.loss), mean))
    }

    /// The line with the best mean on a split, the earliest of equals.
    fn best(&self, split: &str) -> Option<&Line> {
        let mut best: Option<(&Line, f64)> = None;
        for line in &self.lines {
            let Some(mean) = mean_result(&line.evaluation, split) else {
                continue;
            };
            let step = line.evaluation.global_step;
            let is_best = best.is_none_or(|(held, value)| {
                is_better(self.loss, mean, value)
                    || (mean == value && step < held.evaluation.global_step)
            });
            if is_best {
                best = Some((line, mean));
            }
        }
        best.map(|(line, _)| line)
    }

    fn best_text(&self) -> String {
        let measure = self.measure();
        if let Some(line) = self.best(VALIDATION) {
            return format!(
                "best by mean validation {measure}: {}, {}; its mean test {measure}: {}",
                self.named(line),
                self.mean(line, VALIDATION),
                self.mean(line, TEST),
            );
        }
        match self.best(TEST) {
            Some(line) => format!(
                "best by mean test {measure}: {}, {} (there is no validation split; chosen on the test examples, this is a little too good)",
                self.named(line),
                self.mean(line, TEST),
            ),
            None => "no checkpoint has results on a validation or test split".to_owned(),
        }
    }

    /// The step of a line and the file that holds it now, if any does.
    fn named(&self, line: &Line) -> String {
        let step = line.evaluation.global_step;
        let file = match self.file_of(step) {
            Some(name) => name,
            None => "removed since; --keep-checkpoints keeps more".to_owned(),
        };
        format!("step {} ({file})", count(step))
    }

    fn file_of(&self, step: u64) -> Option<String> {
        let folder = self.path.with_file_name(CHECKPOINTS);
        let name = file_name(step);
        if folder.join(&name).exists() {
            return Some(name);
        }
        let best = fs::read(folder.join(BEST)).ok()?;
        let (held, _) = checkpoint::read_extra::<IgnoredAny>(&best).ok()?;
        (held == step).then(|| BEST.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn line(step: u64, validation: f64, test: f64) -> Line {
        let results = [("validation", validation), ("test", test)];
        let results = results.map(|(split, value)| (split.to_owned(), vec![value, value]));
        Line {
            checkpoint: format!("step-{step:09}.safetensors"),
            evaluation: EvaluationMetric {
                global_step: step,
                results: BTreeMap::from(results),
            },
        }
    }

    #[test]
    fn the_table_survives_a_torn_line_and_names_the_best() {
        let run = tempfile::tempdir().unwrap();
        let path = run.path().join(EVALUATIONS);
        let loss = Loss::SoftmaxCrossEntropy;
        let mut table = Evaluations::open(run.path(), loss).unwrap();
        for (step, validation, test) in [(8, 0.5, 0.9), (4, 0.75, 0.6), (2, 0.75, 0.7)] {
            table.add(line(step, validation, test)).unwrap();
        }
        let whole = fs::read(&path).unwrap();
        let mut torn = whole.clone();
        torn.extend_from_slice(b"{\"checkpoint\":\"st");
        fs::write(&path, torn).unwrap();
        let again = Evaluations::open(run.path(), loss).unwrap();
        assert!(again.text().contains("step 2 (removed since"));
        let checkpoints = run.path().join(CHECKPOINTS);
        fs::create_dir(&checkpoints).unwrap();
        fs::write(checkpoints.join("step-000000002.safetensors"), "").unwrap();
        assert_eq!(again.lines, table.lines);
        assert_eq!(fs::read(&path).unwrap(), whole);
        assert!(again.has(4) && !again.has(5));
        let text = again.text();
        let best = "best by mean validation accuracy: step 2 (step-000000002.safetensors), \
                    75.00 %; its mean test accuracy: 70.00 %";
        assert!(text.contains(best), "{text}");
        let rows: Vec<&str> = text.lines().take(2).collect();
        assert_eq!(
            rows,
            ["step  validation     test", "   2     75.00 %  70.00 %"]
        );

        fs::write(&path, "{}\n").unwrap();
        let Some(Stop::Failure(sentence)) = Evaluations::open(run.path(), loss).err() else {
            panic!("a broken line is refused");
        };
        assert!(sentence.contains("is broken at line 1"), "{sentence}");
    }
}
