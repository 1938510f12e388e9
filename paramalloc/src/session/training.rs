//! The training loop. It decides nothing but the order of things: when to do
//! what is in [`Schedule`], what to show in [`Display`], what to write in
//! [`Logger`] and [`Checkpoints`].

use std::time::{Duration, Instant};

use paramalloc_core::summary::{EvaluationMetric, FileContent};
use paramalloc_core::train::StepReport;

use crate::display::{Activity, Display};
use crate::error::Error;
use crate::interrupt;
use crate::run_dir::checkpoints::Checkpoints;
use crate::session::batches::Batching;
use crate::session::json_lines::JsonLines;
use crate::session::logger::{Event, Logger};
use crate::session::progress::Progress;
use crate::session::state::{SessionState, StoredProgress};
use crate::session::sums::Sums;
use crate::settings::schedule::Schedule;

/// An interrupted run is evaluated once more if that takes no longer.
const QUICK: Duration = Duration::from_secs(10);

/// How training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// After its last step.
    Finished,
    /// Earlier, as asked for.
    Interrupted,
}

/// A run under way: what it has come to, and who writes and shows it.
pub struct Session<'a> {
    /// What it has come to.
    pub progress: Progress<'a>,
    schedule: Schedule,
    metrics: JsonLines,
    loggers: Vec<Box<dyn Logger>>,
    checkpoints: Checkpoints<'a>,
    display: Box<dyn Display>,
    sums: Sums,
    shown: Instant,
}

/// Where a run writes what happens.
pub struct Outputs<'a> {
    /// The metrics.
    pub metrics: JsonLines,
    /// The experiment's own loggers.
    pub loggers: Vec<Box<dyn Logger>>,
    /// The checkpoints.
    pub checkpoints: Checkpoints<'a>,
    /// What people see.
    pub display: Box<dyn Display>,
}

impl<'a> Session<'a> {
    /// A run before its first step, or where its checkpoint has it with the
    /// `sums` of that.
    pub fn new(
        progress: Progress<'a>,
        schedule: Schedule,
        sums: Sums,
        outputs: Outputs<'a>,
    ) -> Self {
        Self {
            sums,
            progress,
            schedule,
            metrics: outputs.metrics,
            loggers: outputs.loggers,
            checkpoints: outputs.checkpoints,
            display: outputs.display,
            shown: Instant::now(),
        }
    }

    /// Trains to the last step, or until interrupted.
    ///
    /// # Errors
    /// If the loss is not finite or a file cannot be written.
    pub fn train(&mut self) -> Result<End, Error> {
        let tasks = self.progress.tasks;
        let mut batching = Batching::new(&self.progress.config.settings, tasks)?;
        let total = self.progress.trainer.total_task_steps();
        let first = self.progress.trainer.global_step();
        let trained = self.progress.trainer.trained();
        let of_round = trained.len() as u64;
        if first > 0 && first.is_multiple_of(of_round) {
            // The checkpoint may be from before what comes after its round.
            self.after_round(first / of_round)?;
        }
        let mut step = first;
        while step < total {
            if self.has_lost_patience() {
                self.log_rest()?;
                self.checkpoint()?;
                return Ok(End::Finished);
            }
            if interrupt::asked() {
                return Ok(End::Interrupted);
            }
            for (task, report) in batching.step(self.progress.trainer, tasks)? {
                step += 1;
                self.after_step(step, task, &report)?;
            }
            if step.is_multiple_of(of_round) {
                self.after_round(step / of_round)?;
            }
        }
        match self.is_evaluated() {
            true => Ok(End::Finished),
            false => Ok(End::Interrupted),
        }
    }

    /// True if so many evaluations brought nothing better that the run ends.
    fn has_lost_patience(&self) -> bool {
        let patience = self.progress.config.settings.patience;
        self.is_evaluated() && patience.is_some_and(|most| self.checkpoints.since_best >= most)
    }

    /// True if an interrupted run is evaluated where it stands: that is known
    /// to be quick, and was not done. After the last step it is left to the
    /// process that resumes, which keeps the best checkpoint too.
    pub fn is_worth_evaluating(&self) -> bool {
        let trainer = &self.progress.trainer;
        let is_quick = |took| took <= QUICK;
        self.progress.pace.last_evaluation.is_some_and(is_quick)
            && trainer.global_step() < trainer.total_task_steps()
            && !self.is_evaluated()
    }

    fn is_evaluated(&self) -> bool {
        let step = self.progress.trainer.global_step();
        let evaluation = self.progress.last_evaluation.as_ref();
        evaluation.is_some_and(|e| e.global_step == step)
    }

    fn after_step(&mut self, step: u64, task: usize, report: &StepReport) -> Result<(), Error> {
        self.sums.add(task, report);
        self.progress.count(task, report);
        self.show(Activity::Training);
        self.log_own(&Event::Step { step, task, report })
    }

    /// Tells the experiment's own loggers of something.
    fn log_own(&mut self, event: &Event<'_>) -> Result<(), Error> {
        let mut loggers = self.loggers.iter_mut();
        loggers.try_for_each(|logger| logger.log(event))
    }

    /// Tells all loggers of something.
    ///
    /// # Errors
    /// If one of them fails.
    pub fn log(&mut self, event: &Event<'_>) -> Result<(), Error> {
        self.metrics.log(event)?;
        self.log_own(event)
    }

    /// What is due after a round. To do it again changes nothing.
    fn after_round(&mut self, round: u64) -> Result<(), Error> {
        if self.schedule.logs_after(round) {
            self.log_rest()?;
        }
        if self.schedule.evaluates_after(round) && !self.is_evaluated() {
            self.evaluate()?;
            if self.is_evaluated() {
                self.keep_best()?;
                // One that was written before, on Ctrl-C, does not have this.
                self.checkpoints.newest = None;
            }
        }
        if self.schedule.checkpoints_after(round) {
            self.checkpoint()?;
        }
        Ok(())
    }

    /// Writes a checkpoint, if this step has none.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn checkpoint(&mut self) -> Result<(), Error> {
        let step = self.progress.trainer.global_step();
        if self.checkpoints.newest == Some(step) {
            return Ok(());
        }
        let (bytes, metrics) = self.checkpoint_bytes()?;
        let path = self.checkpoints.write(step, &bytes, metrics)?;
        self.log(&Event::Checkpoint { step, path: &path })
    }

    /// Keeps the state apart if its validation result is the best so far.
    fn keep_best(&mut self) -> Result<(), Error> {
        let goal = self.progress.metrics.goal();
        let evaluation = self.progress.last_evaluation.as_ref();
        match evaluation.is_some_and(|e| self.checkpoints.is_best(e, goal)) {
            true => self.checkpoints.write_best(&self.checkpoint_bytes()?.0),
            false => Ok(()),
        }
    }

    /// A checkpoint, and what `metrics.jsonl` holds at it.
    fn checkpoint_bytes(&self) -> Result<(Vec<u8>, FileContent), Error> {
        let metrics = self.metrics.flush()?;
        let progress = &self.progress;
        let state = SessionState {
            config: progress.config.clone(),
            metrics,
            progress: StoredProgress {
                sums: self.sums.clone(),
                recent_loss: progress.recent_loss.clone(),
                last_evaluation: progress.last_evaluation.clone(),
                best: self.checkpoints.best,
                since_best: self.checkpoints.since_best,
            },
        };
        Ok((progress.trainer.checkpoint(&state)?, metrics))
    }

    /// Writes the train line of the steps since the last one, if any.
    ///
    /// # Errors
    /// If the metrics cannot be written.
    pub fn log_rest(&mut self) -> Result<(), Error> {
        if self.sums.is_empty() {
            return Ok(());
        }
        let line = self.sums.line(self.progress.trainer);
        self.log(&Event::Train(&line))
    }

    /// Evaluates all tasks on all their splits. Interrupted meanwhile, it
    /// ends early and changes nothing.
    ///
    /// # Errors
    /// If a result is not finite or the metrics cannot be written.
    pub fn evaluate(&mut self) -> Result<(), Error> {
        let was_asked = interrupt::asked();
        self.progress.pace.evaluation_starts();
        let mut evaluation = EvaluationMetric {
            global_step: self.progress.trainer.global_step(),
            ..EvaluationMetric::default()
        };
        for (index, task) in self.progress.tasks.iter().enumerate() {
            for (split, examples) in &task.evaluation {
                self.show(Activity::Evaluating {
                    task: &task.name,
                    split,
                });
                let result = self.progress.result(index, split, examples)?;
                (self.progress.metrics).add(&mut evaluation, split, result);
                if interrupt::asked() != was_asked {
                    self.progress.pace.evaluation_aborted();
                    return Ok(());
                }
            }
        }
        self.progress.pace.evaluation_ends();
        self.log(&Event::Evaluation(&evaluation))?;
        let round = evaluation.global_step / self.progress.trainer.trained().len() as u64;
        self.progress.pace.evaluations_left = self.schedule.evaluations_left(round);
        self.progress.last_evaluation = Some(evaluation);
        let view = self.progress.view(Activity::Training);
        self.display.evaluated(&view);
        Ok(())
    }

    /// Shows how far the run is, if it is time to.
    fn show(&mut self, activity: Activity<'_>) {
        if self.shown.elapsed() >= self.display.interval() {
            self.display.show(&self.progress.view(activity));
            self.shown = Instant::now();
        }
    }

    /// What `metrics.jsonl` holds once all of it is on the disk.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn metrics(&self) -> Result<FileContent, Error> {
        self.metrics.flush()
    }

    /// Tells the user something while the display is up.
    pub fn tell(&mut self, line: &str) {
        self.display.tell(line);
    }

    /// Takes the display away.
    pub fn close(&mut self) {
        self.display.close();
    }
}

#[cfg(test)]
mod tests;
