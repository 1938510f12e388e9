//! The checkpoints of a run: `checkpoints/step-000012000.safetensors`, by
//! task steps done, of which the newest are kept, and the best of all.

use std::path::{Path, PathBuf};
use std::{fs, io};

use paramalloc_core::metric::Goal;
use paramalloc_core::summary::{EvaluationMetric, FileContent};

use super::directory::RunDir;
use super::files::CHECKPOINTS;
use crate::error::Error;
use crate::results::{VALIDATION, mean_result};

/// The checkpoint with the best mean result on the split [`VALIDATION`].
pub const BEST: &str = "best.safetensors";

/// The same among those that the evaluation process has seen, which may be more
/// than the training has evaluated.
pub const EVALUATED_BEST: &str = "evaluated-best.safetensors";

/// Writes the checkpoints of a run and removes the old ones.
#[derive(Debug)]
pub struct Checkpoints<'a> {
    run: &'a RunDir,
    keep: usize,
    /// Task steps of the newest one.
    pub newest: Option<u64>,
    /// The best mean result on the validation split.
    pub best: Option<f64>,
    /// Evaluations since.
    pub since_best: u64,
}

impl<'a> Checkpoints<'a> {
    /// Those of the run in `run`, which is at task step `step` and had the mean
    /// validation result `best`, if any, and so many evaluations since; the newest
    /// `keep` stay.
    ///
    /// # Errors
    /// If their directory cannot be made.
    pub fn new(
        run: &'a RunDir,
        keep: usize,
        (best, since_best): (Option<f64>, u64),
        step: u64,
    ) -> Result<Self, Error> {
        let directory = run.path.join(CHECKPOINTS);
        fs::create_dir_all(&directory).map_err(Error::io("make the directory", &directory))?;
        Ok(Self {
            run,
            keep,
            newest: Some(step).filter(|&step| step > 0),
            best,
            since_best,
        })
    }

    /// Writes the checkpoint of a task step, beside which `metrics.jsonl` has
    /// the whole lines `metrics`; gives its path.
    ///
    /// # Errors
    /// If a file cannot be written or removed.
    pub fn write(
        &mut self,
        step: u64,
        bytes: &[u8],
        metrics: FileContent,
    ) -> Result<PathBuf, Error> {
        let name = format!("{CHECKPOINTS}/{}", file_name(step));
        self.run.write(&name, bytes)?;
        self.newest = Some(step);
        // Files of later steps are not this run's, or damaged: not counted.
        let mut own = list(&self.run.path.join(CHECKPOINTS))?;
        own.retain(|(found, _)| *found <= step);
        for (old, _) in own.into_iter().skip(self.keep) {
            let old = format!("{CHECKPOINTS}/{}", file_name(old));
            self.run.remove(&old)?;
        }
        self.run.write_manifest(metrics)?;
        Ok(self.run.path.join(name))
    }

    /// Writes the best checkpoint.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn write_best(&self, bytes: &[u8]) -> Result<(), Error> {
        self.run.write(&format!("{CHECKPOINTS}/{BEST}"), bytes)
    }

    /// Takes note of an evaluation; true if none was as good on the
    /// validation split.
    pub fn is_best(&mut self, evaluation: &EvaluationMetric, goal: Goal) -> bool {
        let Some(mean) = mean_result(evaluation, VALIDATION) else {
            return false;
        };
        let is_best = self.best.is_none_or(|best| goal.is_better(mean, best));
        self.since_best += 1;
        if is_best {
            (self.best, self.since_best) = (Some(mean), 0);
        }
        is_best
    }
}

/// File name of the checkpoint of a task step.
pub fn file_name(step: u64) -> String {
    format!("step-{step:09}.safetensors")
}

/// Task steps and paths of the checkpoints by step in `directory`, the
/// newest first; none if there is no such directory.
///
/// # Errors
/// If the directory cannot be read.
pub fn list(directory: &Path) -> Result<Vec<(u64, PathBuf)>, Error> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io("read", directory)(e)),
    };
    let mut found: Vec<(u64, PathBuf)> = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::io("read", directory))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let step = name
            .and_then(|name| name.strip_prefix("step-")?.strip_suffix(".safetensors"))
            .and_then(|number| number.parse().ok());
        found.extend(step.map(|step| (step, path)));
    }
    found.sort_by(|a, b| b.cmp(a));
    Ok(found)
}

/// The checkpoints of a run in the order in which to try them: the newest
/// first, the best last.
pub fn candidates(run: &Path) -> Result<Vec<PathBuf>, Error> {
    let directory = run.join(CHECKPOINTS);
    let mut files: Vec<PathBuf> = list(&directory)?
        .into_iter()
        .map(|(_, path)| path)
        .collect();
    let best = [BEST, EVALUATED_BEST].map(|name| directory.join(name));
    files.extend(best.into_iter().filter(|path| path.exists()));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn checkpoints(run: &RunDir) -> Checkpoints<'_> {
        Checkpoints::new(run, 2, (None, 0), 0).unwrap()
    }

    #[test]
    fn the_newest_are_kept_and_later_ones_are_not_counted() {
        let parent = tempfile::tempdir().unwrap();
        let run = RunDir::claim(parent.path()).unwrap();
        let mut checkpoints = checkpoints(&run);
        let directory = run.path.join(CHECKPOINTS);
        fs::write(directory.join(file_name(999)), "another run's").unwrap();
        fs::write(directory.join("notes.txt"), "mine").unwrap();
        for step in [8, 16, 24, 1_000_000_000] {
            checkpoints.write_best(b"best").unwrap();
            checkpoints
                .write(step, b"state", FileContent::default())
                .unwrap();
            assert_eq!(checkpoints.newest, Some(step));
        }
        let steps = || list(&directory).unwrap().into_iter().map(|(step, _)| step);
        assert!(steps().eq([1_000_000_000, 999]));
        assert!(directory.join(BEST).exists() && directory.join("notes.txt").exists());
    }

    #[test]
    fn the_best_is_that_of_the_mean_over_all_tasks_on_the_validation_split() {
        let parent = tempfile::tempdir().unwrap();
        let run = RunDir::claim(parent.path()).unwrap();
        let evaluation = |split: &str, values: [f64; 2]| EvaluationMetric {
            global_step: 1,
            results: BTreeMap::from([(split.to_owned(), values.to_vec())]),
            ..EvaluationMetric::default()
        };
        let mut accuracy = checkpoints(&run);
        let goal = Goal::Maximize;
        assert!(!accuracy.is_best(&evaluation("test", [1.0, 1.0]), goal));
        assert!(accuracy.is_best(&evaluation("validation", [0.5, 0.7]), goal));
        assert!(!accuracy.is_best(&evaluation("validation", [0.9, 0.2]), goal));
        assert!(!accuracy.is_best(&evaluation("validation", [0.5, 0.7]), goal));
        assert!(accuracy.is_best(&evaluation("validation", [0.9, 0.4]), goal));
        let mut error = checkpoints(&run);
        let goal = Goal::Minimize;
        assert!(error.is_best(&evaluation("validation", [0.5, 0.7]), goal));
        assert!(error.is_best(&evaluation("validation", [0.5, 0.2]), goal));
        assert!(!error.is_best(&evaluation("validation", [0.5, 0.6]), goal));
    }
}
