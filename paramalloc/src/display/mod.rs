//! What is shown while a run is under way: on standard error by the run itself.

mod curves;
mod loading;
mod memory;
mod plain;
mod table;
mod terminal;

use std::io::IsTerminal;
use std::time::Duration;

use console::Term;
pub use loading::Loading;
pub use memory::resident;
use paramalloc_core::summary::EvaluationMetric;
use paramalloc_plot::allocation_table::AllocationTable;
use paramalloc_plot::format::thousands;
use plain::Plain;
pub use plain::{evaluation as evaluation_line, progress as progress_line};
pub use terminal::Terminal;

use crate::metric_names::MetricNames;
use crate::results::{TEST, VALIDATION};

/// Shows a run.
pub trait Display {
    /// Time between two calls of [`Self::show`].
    fn interval(&self) -> Duration;

    /// Shows how far the run is.
    fn show(&mut self, view: &View<'_>);

    /// Shows a new evaluation.
    fn evaluated(&mut self, view: &View<'_>);

    /// Tells the user something.
    fn tell(&mut self, line: &str);

    /// Takes away what does not stay.
    fn close(&mut self);
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity<'a> {
    /// Task steps.
    Training,
    /// An evaluation.
    Evaluating {
        /// Name of the task.
        task: &'a str,
        /// Name of the split.
        split: &'a str,
    },
}

/// A run at a moment.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// What it is doing.
    pub activity: Activity<'a>,
    /// Names of the tasks.
    pub tasks: Vec<&'a str>,
    /// Task steps done.
    pub done: u64,
    /// Task steps of the whole run.
    pub total: u64,
    /// Task steps per second.
    pub per_second: f64,
    /// Time to the end, if it can be told.
    pub time_left: Option<Duration>,
    /// Temperature, where something is learned.
    pub temperature: Option<f64>,
    /// Loss of each task over its last steps.
    pub recent_loss: &'a [Option<f64>],
    /// The latest evaluation.
    pub evaluation: Option<&'a EvaluationMetric>,
    /// What each task is judged by.
    pub metrics: &'a MetricNames,
    /// Who uses what.
    pub allocations: AllocationTable,
    /// Bytes of memory that the run has, if that is known.
    pub memory: Option<u64>,
}

impl View<'_> {
    /// The split to show and its results: `validation` if there is one, as the choice of
    /// settings and checkpoint goes by it, else `test`.
    fn results(&self) -> Option<(&str, &[f64])> {
        let results = &self.evaluation?.results;
        let shown = results
            .get_key_value(VALIDATION)
            .or_else(|| results.get_key_value(TEST))
            .or_else(|| results.last_key_value());
        shown.map(|(split, values)| (split.as_str(), values.as_slice()))
    }

    fn percent(&self) -> u64 {
        100 * self.done / self.total.max(1)
    }
}

/// True if lines can be drawn again on a stream that is a terminal or not.
pub fn can_redraw(is_terminal: bool) -> bool {
    is_terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The display that fits standard error.
pub fn choose(quiet: bool) -> Box<dyn Display> {
    if quiet {
        Box::new(Quiet)
    } else if can_redraw(std::io::stderr().is_terminal()) {
        Box::new(Terminal::on(Term::stderr()))
    } else {
        Box::new(Plain)
    }
}

/// Shows nothing.
struct Quiet;

impl Display for Quiet {
    fn interval(&self) -> Duration {
        Duration::MAX
    }

    fn show(&mut self, _: &View<'_>) {}

    fn evaluated(&mut self, _: &View<'_>) {}

    fn tell(&mut self, _: &str) {}

    fn close(&mut self) {}
}

/// `3 h 04 min`, `4 min 05 s` or `12 s`.
pub fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64().round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// The time to the end of a run, of which evaluations are a part.
pub fn time_left(left: Duration) -> String {
    format!("{} left with evaluations", time(left))
}

/// The speed of a run, of which evaluations are no part: `4,812 task steps/s while
/// training`.
pub fn speed(per_second: f64) -> String {
    let shown = match per_second < 10.0 {
        true => format!("{per_second:.1}"),
        false => thousands(per_second.round() as u64),
    };
    format!("{shown} task steps/s while training")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_speeds_read_well() {
        assert_eq!(time(Duration::from_secs_f64(59.6)), "1 min 00 s");
        assert_eq!(time(Duration::from_secs(11_045)), "3 h 04 min");
        assert_eq!(speed(4812.3), "4,812 task steps/s while training");
        assert_eq!(speed(0.42), "0.4 task steps/s while training");
    }
}
