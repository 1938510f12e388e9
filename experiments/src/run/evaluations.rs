//! `evaluations.jsonl`: a line for each checkpoint that was evaluated.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use paramalloc_core::network::Loss;
use paramalloc_core::summary::{EvaluationMetric, write_whole};
use paramalloc_core::train::checkpoint;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::checkpoints::{BEST, VALIDATION, file_name, is_better, mean_result};
use super::columns::{Column, lines};
use super::display::{count, result};
use super::folder::{CHECKPOINTS, cannot};
use super::outcome::metric;
use super::report::{in_order, say};
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
    /// CRC-32 of the run, as the evaluation process has it; absent in tables of
    /// old, whose lines are taken for another run's.
    #[serde(default)]
    pub run_crc: u32,
    /// CRC-32 of the checkpoint's parameters.
    #[serde(default)]
    pub parameters_crc: u32,
    /// Task steps and results by split, one per task.
    #[serde(flatten)]
    pub evaluation: EvaluationMetric,
}

/// The lines of a run, in the file and in memory.
pub struct Evaluations {
    path: PathBuf,
    /// Absent where it cannot be written.
    file: Option<File>,
    loss: Loss,
    run_crc: u32,
    /// The lines in the order of the file.
    pub lines: Vec<Line>,
}

impl Evaluations {
    /// The table of the run with this CRC-32, not to be written for now. A last
    /// line that was cut off while being written is left out, and so are the
    /// lines of another run that the folder held before.
    ///
    /// # Errors
    /// A sentence naming the file and the line that is broken.
    pub fn read(run: &Path, loss: Loss, run_crc: u32) -> Result<Self, Stop> {
        let path = run.join(EVALUATIONS);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(cannot("read", &path, &e)),
        };
        let mut held: Vec<Line> = Vec::new();
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
        }
        let all = held.len();
        held.retain(|line| line.run_crc == run_crc);
        if held.len() < all {
            let (others, path) = (all - held.len(), path.display());
            say(&format!(
                "{path} has {others} lines of another run, which are left out"
            ));
        }
        Ok(Self {
            path,
            file: None,
            loss,
            run_crc,
            lines: held,
        })
    }

    /// From now on the file, made if need be, has the lines that are held.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub fn write_on(&mut self) -> Result<(), Stop> {
        self.file = Some(self.rewritten()?);
        Ok(())
    }

    /// The file with the lines that are held and no others, at its end.
    fn rewritten(&self) -> Result<File, Stop> {
        let mut text = Vec::new();
        for line in &self.lines {
            serde_json::to_writer(&mut text, line).map_err(Stop::failure)?;
            text.push(b'\n');
        }
        let is_same = fs::read(&self.path).is_ok_and(|held| held == text);
        let written = match is_same {
            true => Ok(()),
            false => write_whole(&self.path, &text),
        };
        let opened = written.and_then(|()| OpenOptions::new().append(true).open(&self.path));
        opened.map_err(|e| cannot("write", &self.path, &e))
    }

    /// True if a checkpoint of this step with these parameters is in the table.
    pub fn has(&self, step: u64, parameters_crc: u32) -> bool {
        let is_it = |line: &Line| {
            line.evaluation.global_step == step && line.parameters_crc == parameters_crc
        };
        self.lines.iter().any(is_it)
    }

    /// Adds the results of the checkpoint in file `checkpoint` to the table, in
    /// place of those of its step, and to the file.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub fn add(
        &mut self,
        checkpoint: String,
        parameters_crc: u32,
        evaluation: EvaluationMetric,
    ) -> Result<(), Stop> {
        let step = evaluation.global_step;
        let all = self.lines.len();
        self.lines.retain(|l| l.evaluation.global_step != step);
        if self.lines.len() < all && self.file.is_some() {
            self.file = Some(self.rewritten()?);
        }
        let line = Line {
            checkpoint,
            run_crc: self.run_crc,
            parameters_crc,
            evaluation,
        };
        let mut json = serde_json::to_vec(&line).map_err(Stop::failure)?;
        json.push(b'\n');
        if let Some(file) = &mut self.file {
            let written = file.write_all(&json);
            written.map_err(|e| cannot("write", &self.path, &e))?;
        }
        self.lines.push(line);
        Ok(())
    }

    /// True if the file cannot be written.
    pub fn is_in_memory(&self) -> bool {
        self.file.is_none()
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
            let means = lines_by_step
                .iter()
                .map(|l| self.mean(&l.evaluation, split));
            columns.push(Column::right(split, means));
        }
        format!("{}\n{}\n", lines(&columns).join("\n"), self.best_text())
    }

    /// One line for people.
    pub fn line_text(&self, evaluation: &EvaluationMetric) -> String {
        let step = count(evaluation.global_step);
        let means = in_order(evaluation.results.keys().map(String::as_str));
        let means: Vec<String> = means
            .into_iter()
            .map(|split| format!("{split} {}", self.mean(evaluation, split)))
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

    fn mean(&self, evaluation: &EvaluationMetric, split: &str) -> String {
        let mean = mean_result(evaluation, split);
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
                self.mean(&line.evaluation, VALIDATION),
                self.mean(&line.evaluation, TEST),
            );
        }
        match self.best(TEST) {
            Some(line) => format!(
                "best by mean test {measure}: {}, {} (there is no validation split; chosen on the test examples, this is a little too good)",
                self.named(line),
                self.mean(&line.evaluation, TEST),
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

    fn evaluation(step: u64, validation: f64, test: f64) -> EvaluationMetric {
        let results = [("validation", validation), ("test", test)];
        let results = results.map(|(split, value)| (split.to_owned(), vec![value, value]));
        EvaluationMetric {
            global_step: step,
            results: BTreeMap::from(results),
        }
    }

    fn open(run: &Path, run_crc: u32) -> Result<Evaluations, Stop> {
        let mut table = Evaluations::read(run, Loss::SoftmaxCrossEntropy, run_crc)?;
        table.write_on()?;
        Ok(table)
    }

    #[test]
    fn the_table_survives_a_torn_line_and_names_the_best() {
        let run = tempfile::tempdir().unwrap();
        let path = run.path().join(EVALUATIONS);
        let mut table = open(run.path(), 1).unwrap();
        for (step, validation, test) in [(8, 0.5, 0.9), (4, 0.75, 0.6), (2, 0.75, 0.7)] {
            let evaluation = evaluation(step, validation, test);
            table.add(file_name(step), 9, evaluation).unwrap();
        }
        let whole = fs::read(&path).unwrap();
        let mut torn = whole.clone();
        torn.extend_from_slice(b"{\"checkpoint\":\"st");
        fs::write(&path, torn).unwrap();
        let again = open(run.path(), 1).unwrap();
        assert!(again.text().contains("step 2 (removed since"));
        let checkpoints = run.path().join(CHECKPOINTS);
        fs::create_dir(&checkpoints).unwrap();
        fs::write(checkpoints.join("step-000000002.safetensors"), "").unwrap();
        assert_eq!(again.lines, table.lines);
        assert_eq!(fs::read(&path).unwrap(), whole);
        assert!(again.has(4, 9) && !again.has(5, 9) && !again.has(4, 8));
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
        let Some(Stop::Failure(sentence)) = open(run.path(), 1).err() else {
            panic!("a broken line is refused");
        };
        assert!(sentence.contains("is broken at line 1"), "{sentence}");
    }

    #[test]
    fn lines_of_another_run_are_left_out_and_those_of_other_parameters_replaced() {
        let run = tempfile::tempdir().unwrap();
        let loss = Loss::SoftmaxCrossEntropy;
        let open = |run_crc| open(run.path(), run_crc).unwrap();
        let add = |table: &mut Evaluations, step, parameters, value| {
            let evaluation = evaluation(step, value, value);
            table.add(file_name(step), parameters, evaluation).unwrap();
        };
        let mut table = open(1);
        add(&mut table, 4, 7, 0.5);
        add(&mut table, 8, 7, 0.5);
        add(&mut table, 4, 8, 0.75);
        assert_eq!(open(1).lines, table.lines);
        let held = |t: &Evaluations| -> Vec<(u64, u32)> {
            let held = t.lines.iter();
            held.map(|l| (l.evaluation.global_step, l.parameters_crc))
                .collect()
        };
        assert_eq!(held(&table), [(8, 7), (4, 8)]);
        let path = run.path().join(EVALUATIONS);
        let text = fs::read(&path).unwrap();
        let read = Evaluations::read(run.path(), loss, 2).unwrap();
        assert!(read.is_in_memory() && read.lines.is_empty());
        assert_eq!(fs::read(&path).unwrap(), text);
        assert!(open(2).lines.is_empty());
        assert_eq!(fs::read(&path).unwrap(), b"");
    }
}
