//! `evaluations.jsonl`: a line for each checkpoint that was evaluated.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use paramalloc_core::metric::Metric;
use paramalloc_core::summary::{EvaluationMetric, read_text, write_whole};
use paramalloc_core::train::checkpoint;
use paramalloc_plot::format::{self, splits_in_order, thousands};
use paramalloc_plot::table::{Column, lines};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::results::{TEST, VALIDATION, mean_result};
use crate::run_dir::checkpoints::{BEST, EVALUATED_BEST, file_name};
use crate::run_dir::files::CHECKPOINTS;
use crate::stdio::say;
use crate::task_metrics::TaskMetrics;

/// File of the table in the directory of a run.
pub const EVALUATIONS: &str = "evaluations.jsonl";

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
    metrics: TaskMetrics,
    run_crc: u32,
    /// The lines in the order of the file.
    pub lines: Vec<Line>,
}

impl Evaluations {
    /// The table of the run with this CRC-32, not to be written for now. A last
    /// line that was cut off while being written is left out, and so are the
    /// lines of another run that the directory had before.
    ///
    /// # Errors
    /// A sentence naming the file and the line that is broken.
    pub fn read(run: &Path, metrics: TaskMetrics, run_crc: u32) -> Result<Self, Error> {
        let path = run.join(EVALUATIONS);
        let text = match read_text(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(Error::io("read", &path)(e)),
        };
        let mut stored: Vec<Line> = Vec::new();
        for (index, line) in text.split_inclusive('\n').enumerate() {
            if !line.ends_with('\n') {
                break;
            }
            let line = serde_json::from_str(line);
            stored.push(line.map_err(|source| Error::BrokenEvaluations {
                path: path.clone(),
                line: index + 1,
                source,
            })?);
        }
        let all = stored.len();
        stored.retain(|line| line.run_crc == run_crc);
        if stored.len() < all {
            let (others, path) = (all - stored.len(), path.display());
            say(&match others {
                1 => format!("{path} has 1 line of another run, which is left out"),
                _ => format!("{path} has {others} lines of another run, which are left out"),
            });
        }
        Ok(Self {
            path,
            file: None,
            metrics,
            run_crc,
            lines: stored,
        })
    }

    /// From now on the file, made if need be, has these lines.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub fn write_on(&mut self) -> Result<(), Error> {
        self.file = Some(self.rewritten()?);
        Ok(())
    }

    /// The file with these lines and no others, at its end.
    fn rewritten(&self) -> Result<File, Error> {
        let mut text = Vec::new();
        for line in &self.lines {
            serde_json::to_writer(&mut text, line)
                .map_err(Error::json("a line of evaluations.jsonl"))?;
            text.push(b'\n');
        }
        let is_same = fs::read(&self.path).is_ok_and(|stored| stored == text);
        let written = match is_same {
            true => Ok(()),
            false => write_whole(&self.path, &text),
        };
        let opened = written.and_then(|()| OpenOptions::new().append(true).open(&self.path));
        opened.map_err(Error::io("write", &self.path))
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
    ) -> Result<(), Error> {
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
        let mut json =
            serde_json::to_vec(&line).map_err(Error::json("a line of evaluations.jsonl"))?;
        json.push(b'\n');
        if let Some(file) = &mut self.file {
            let written = file.write_all(&json);
            written.map_err(Error::io("write", &self.path))?;
        }
        self.lines.push(line);
        Ok(())
    }

    /// True if the file cannot be written.
    pub fn is_in_memory(&self) -> bool {
        self.file.is_none()
    }

    /// True if no line has results as good on the validation split.
    pub fn would_be_best(&self, evaluation: &EvaluationMetric) -> bool {
        let stored = self.best(VALIDATION).map(|line| &line.evaluation);
        self.is_ahead(VALIDATION, evaluation, stored)
    }

    /// True if one has a better result on a split than the other, or as good a
    /// one earlier.
    fn is_ahead(
        &self,
        split: &str,
        one: &EvaluationMetric,
        other: Option<&EvaluationMetric>,
    ) -> bool {
        let Some(mean) = mean_result(one, split) else {
            return false;
        };
        let with_mean = other.and_then(|other| Some((other, mean_result(other, split)?)));
        with_mean.is_none_or(|(other, stored)| {
            self.metrics.goal().is_better(mean, stored)
                || (mean == stored && one.global_step < other.global_step)
        })
    }

    /// The means over all tasks by split, in a row per checkpoint, the best
    /// named below, and how many are missing of a run with a checkpoint every so
    /// many task steps.
    pub fn text(&self, every: u64) -> String {
        let mut lines_by_step: Vec<&Line> = self.lines.iter().collect();
        lines_by_step.sort_by_key(|line| line.evaluation.global_step);
        let steps = lines_by_step.iter();
        let steps = steps.map(|line| thousands(line.evaluation.global_step));
        let mut columns = vec![Column::right("step", steps)];
        let evaluations: Vec<_> = lines_by_step.iter().map(|line| &line.evaluation).collect();
        columns.extend(self.columns(&evaluations));
        format!(
            "{}\n{}\n{}",
            lines(&columns).join("\n"),
            self.best_text(),
            self.missing_text(every)
        )
    }

    /// The means by split; where they say nothing, the results of each task on
    /// the last of the splits.
    fn columns(&self, evaluations: &[&EvaluationMetric]) -> Vec<Column> {
        let splits = self.splits();
        if self.metrics.common().is_some() {
            let column = |split: &&str| {
                let means = evaluations.iter().map(|e| self.mean(e, split));
                Column::right(split, means)
            };
            return splits.iter().map(column).collect();
        }
        let Some(split) = splits.last() else {
            return Vec::new();
        };
        let results = evaluations.iter().map(|e| e.results.get(*split));
        let texts = results.map(|r| r.map_or_else(Vec::new, |r| self.metrics.names().texts(r)));
        let texts: Vec<Vec<String>> = texts.collect();
        let column = |(index, task): (usize, &str)| {
            let cells = texts.iter().map(|row| row.get(index).cloned());
            let heading = format!("{task}, {split}");
            Column::right(&heading, cells.map(Option::unwrap_or_default))
        };
        self.metrics
            .names()
            .tasks()
            .enumerate()
            .map(column)
            .collect()
    }

    /// A line on the checkpoints before the newest that are not in the table.
    fn missing_text(&self, every: u64) -> String {
        let steps = || self.lines.iter().map(|line| line.evaluation.global_step);
        let all = steps().max().unwrap_or_default().checked_div(every);
        let all = all.unwrap_or_default();
        let is_due = |step: &u64| *step > 0 && step.is_multiple_of(every);
        let missing = all.saturating_sub(steps().filter(is_due).count() as u64);
        match missing {
            0 => String::new(),
            _ => format!(
                "{} of {} earlier checkpoints are not in this table: a run keeps the last ones only, as many as --keep-checkpoints says\n",
                thousands(missing),
                thousands(all)
            ),
        }
    }

    /// A line for people; a line for each split where tasks have different metrics.
    pub fn line_text(&self, evaluation: &EvaluationMetric) -> String {
        let step = thousands(evaluation.global_step);
        let splits = splits_in_order(evaluation.results.keys().map(String::as_str));
        if self.metrics.common().is_none() {
            let each = splits.into_iter().filter_map(|split| {
                let results = evaluation.results.get(split)?;
                let texts = self.metrics.names().named_texts(results).join(", ");
                Some(format!("\n  {split:10} {texts}"))
            });
            return format!("step {step}:{}", each.collect::<String>());
        }
        let means = splits;
        let means: Vec<String> = means
            .into_iter()
            .map(|split| format!("{split} {}", self.mean(evaluation, split)))
            .collect();
        format!("step {step}: mean {} {}", self.measure(), means.join(", "))
    }

    fn splits(&self) -> Vec<&str> {
        let first = self.lines.first().into_iter();
        splits_in_order(first.flat_map(|line| line.evaluation.results.keys().map(String::as_str)))
    }

    /// What the mean over the tasks is of.
    fn measure(&self) -> String {
        let common = self.metrics.common();
        let name = format::words(common.map_or("loss", Metric::name));
        name.trim_start_matches("mean ").to_owned()
    }

    fn mean(&self, evaluation: &EvaluationMetric, split: &str) -> String {
        let metric = self.metrics.common().map_or("loss", Metric::name);
        let mean = mean_result(evaluation, split);
        mean.map_or("-".to_owned(), |mean| format::metric(metric, mean))
    }

    /// The line with the best mean on a split, the earliest of equals.
    fn best(&self, split: &str) -> Option<&Line> {
        self.lines.iter().fold(None, |best: Option<&Line>, line| {
            let stored = best.map(|best| &best.evaluation);
            match self.is_ahead(split, &line.evaluation, stored) {
                true => Some(line),
                false => best,
            }
        })
    }

    /// The file of the checkpoint to look at closely: the best by the validation
    /// split, else the last, if it is still there.
    pub fn chosen(&self) -> Option<PathBuf> {
        let last = || {
            let lines = self.lines.iter();
            lines.max_by_key(|line| line.evaluation.global_step)
        };
        let line = self.best(VALIDATION).or_else(last)?;
        let name = self.file_of(line.evaluation.global_step)?;
        Some(self.path.with_file_name(CHECKPOINTS).join(name))
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
        let last = self
            .lines
            .iter()
            .max_by_key(|line| line.evaluation.global_step);
        match last.filter(|line| line.evaluation.results.contains_key(TEST)) {
            Some(line) => format!(
                "the last: {}, mean test {measure} {} (none is called the best: there is no validation split to choose by)",
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
        format!("step {} ({file})", thousands(step))
    }

    fn file_of(&self, step: u64) -> Option<String> {
        let directory = self.path.with_file_name(CHECKPOINTS);
        let name = file_name(step);
        if directory.join(&name).exists() {
            return Some(name);
        }
        let holds = |name: &&str| {
            let bytes = fs::read(directory.join(name)).ok();
            let stored = bytes.and_then(|b| checkpoint::read_extra::<IgnoredAny>(&b).ok());
            stored.is_some_and(|(stored, _)| stored == step)
        };
        let best = [BEST, EVALUATED_BEST].into_iter().find(holds);
        best.map(str::to_owned)
    }
}

#[cfg(test)]
mod tests;
