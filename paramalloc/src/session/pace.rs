//! The speed of a run, and the time to its end.

use std::time::{Duration, Instant};

/// Speed of training, with the time of evaluations kept apart.
#[derive(Clone, Debug)]
pub struct Pace {
    start: Instant,
    first_step: u64,
    evaluating: Duration,
    evaluation_start: Option<Instant>,
    /// What an evaluation costs, in task steps, until one was timed.
    evaluation_steps: f64,
    /// How long the last whole evaluation took, if there was any.
    pub last_evaluation: Option<Duration>,
    /// Evaluations still to come.
    pub evaluations_left: u64,
}

impl Pace {
    /// Starts the clock at a task step, 0 but for a resumed run. An evaluation is
    /// taken to cost as much as `evaluation_steps` task steps until one was
    /// timed.
    pub fn start(first_step: u64, evaluations_left: u64, evaluation_steps: f64) -> Self {
        Self {
            start: Instant::now(),
            first_step,
            evaluating: Duration::ZERO,
            evaluation_start: None,
            evaluation_steps,
            last_evaluation: None,
            evaluations_left,
        }
    }

    /// An evaluation begins.
    pub fn evaluation_starts(&mut self) {
        self.evaluation_start = Some(Instant::now());
    }

    /// The evaluation is over.
    pub fn evaluation_ends(&mut self) {
        self.last_evaluation = self.end().or(self.last_evaluation);
    }

    /// The evaluation was given up, so that nobody knows how long it takes.
    pub fn evaluation_aborted(&mut self) {
        self.end();
    }

    fn end(&mut self) -> Option<Duration> {
        let took = self.evaluation_start.take()?.elapsed();
        self.evaluating += took;
        Some(took)
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Task steps per second of training since the start.
    pub fn per_second(&self, done: u64) -> f64 {
        let now = self.evaluation_start.unwrap_or_else(Instant::now);
        let training = (now - self.start).saturating_sub(self.evaluating);
        done.saturating_sub(self.first_step) as f64 / training.as_secs_f64().max(1e-6)
    }

    /// Time to the end of the run, once it can be told.
    pub fn time_left(&self, done: u64, total: u64) -> Option<Duration> {
        let per_second = self.per_second(done);
        let training = (total - done) as f64 / per_second;
        let each = self
            .last_evaluation
            .map_or(self.evaluation_steps / per_second, |e| e.as_secs_f64());
        let evaluations = each * self.evaluations_left as f64;
        let under_way = self
            .evaluation_start
            .map_or(0.0, |s| s.elapsed().as_secs_f64());
        let left = training + (evaluations - under_way).max(0.0);
        Duration::try_from_secs_f64(left).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluations_count_before_one_was_timed() {
        let mut pace = Pace::start(0, 10, 50.0);
        pace.start -= Duration::from_secs(10);
        // 10 steps per second: 90 s of training, and ten times 5 s.
        let left = pace.time_left(100, 1000).unwrap().as_secs_f64();
        assert!((left - 140.0).abs() < 1.0, "{left}");
    }

    #[test]
    fn an_evaluation_that_was_given_up_tells_nothing_of_the_next() {
        let mut pace = Pace::start(0, 2, 0.0);
        assert_eq!(pace.last_evaluation, None);
        pace.evaluation_starts();
        pace.evaluation_aborted();
        assert_eq!((pace.last_evaluation, pace.evaluation_start), (None, None));
        pace.evaluation_starts();
        pace.evaluation_ends();
        let whole = pace.last_evaluation;
        assert!(whole.is_some());
        pace.evaluation_starts();
        std::thread::sleep(Duration::from_millis(2));
        pace.evaluation_aborted();
        assert_eq!(pace.last_evaluation, whole);
        assert!(pace.evaluating >= Duration::from_millis(2));
    }
}
