//! Lines, where standard error is no terminal.

use std::time::Duration;

use paramalloc_plot::format::{self, thousands};

use super::{speed, time_left};
use crate::display::{Activity, Display, View};
use crate::stdio::say;

/// Writes a line from time to time and at each evaluation.
pub struct Plain;

/// Tasks whose values get a place of their own in a line.
const MAX_VALUES: usize = 8;

impl Display for Plain {
    fn interval(&self) -> Duration {
        Duration::from_secs(10)
    }

    fn show(&mut self, view: &View<'_>) {
        match view.activity {
            Activity::Training => say(&progress(view)),
            Activity::Evaluating { task, split } => say(&format!("evaluating {task} on {split}")),
        }
    }

    fn evaluated(&mut self, view: &View<'_>) {
        say(&evaluation(view));
    }

    fn tell(&mut self, line: &str) {
        say(line);
    }

    fn close(&mut self) {}
}

/// How far a run is, in a line.
pub fn progress(view: &View<'_>) -> String {
    let left = view.time_left.map(|left| format!("{}, ", time_left(left)));
    let losses: Vec<f64> = view.recent_loss.iter().flatten().copied().collect();
    format!(
        "task step {} of {} ({} %), {}, {}loss {}",
        thousands(view.done),
        thousands(view.total),
        view.percent(),
        speed(view.per_second),
        left.unwrap_or_default(),
        values(&losses, |loss| format!("{loss:.3}")),
    )
}

/// What its last evaluation has found, in a line.
pub fn evaluation(view: &View<'_>) -> String {
    let Some((split, results)) = view.results() else {
        return progress(view);
    };
    let of = |text: &str| {
        let (done, total) = (thousands(view.done), thousands(view.total));
        format!("task step {done} of {total}, {split} {text}")
    };
    match view.metrics.common() {
        Some(metric) => of(&format!(
            "{} {}",
            format::words(metric),
            values(results, |value| format::metric(metric, value))
        )),
        // Values of different metrics have no mean.
        None => of(&view.metrics.named_texts(results).join(", ")),
    }
}

/// The mean, and where there are few values these too.
fn values(values: &[f64], show: impl Fn(f64) -> String) -> String {
    let mean = format::mean(values.iter().copied()).map_or("-".to_owned(), &show);
    if values.len() > MAX_VALUES {
        return format!("mean {mean}");
    }
    let each: Vec<String> = values.iter().map(|&value| show(value)).collect();
    format!("{mean} ({})", each.join(", "))
}
