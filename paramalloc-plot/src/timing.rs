//! `timing.jsonl` of a run directory: how long a run took, and how fast it goes.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// Lines by which the speed is told.
const RECENT: usize = 100;

/// How fast a run goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Task steps per second of training.
    pub steps_per_second: f64,
    /// Seconds for each task step, the evaluations between them included.
    pub per_step: f64,
}

/// How fast the run in a directory has gone lately; nothing before its second
/// line.
pub fn pace(directory: &Path) -> Option<Pace> {
    pace_of_text(&paramalloc_core::summary::read_text(&directory.join("timing.jsonl")).ok()?)
}

fn pace_of_text(text: &str) -> Option<Pace> {
    let lines: Vec<(u64, f64)> = text.lines().filter_map(step_and_seconds).collect();
    let recent = &lines[lines.len().saturating_sub(RECENT)..];
    let (mut steps, mut training, mut all) = (0, 0.0, 0.0);
    for pair in recent.windows(2) {
        let (_, seconds) = pair[1];
        // A run that was resumed does some steps again.
        match pair[1].0.checked_sub(pair[0].0) {
            None => continue,
            Some(0) => {}
            Some(more) => {
                steps += more;
                training += seconds;
            }
        }
        all += seconds;
    }
    (steps > 0 && training > 0.0).then(|| Pace {
        steps_per_second: steps as f64 / training,
        per_step: all / steps as f64,
    })
}

/// Step and seconds of a whole line: the last one of a killed run may be torn.
fn step_and_seconds(line: &str) -> Option<(u64, f64)> {
    let line = serde_json::from_str::<Value>(line).ok()?;
    Some((
        line.get("global_step")?.as_u64()?,
        line.get("seconds")?.as_f64()?,
    ))
}

/// Seconds that the run took by the clock, evaluations included and pauses
/// between stop and resume left out; nothing for a run without times, as
/// before version 0.2.
///
/// A line has the seconds since the line before. What a resumed run did again
/// counts once.
pub fn seconds(directory: &Path) -> Option<f64> {
    of_text(&paramalloc_core::summary::read_text(&directory.join("timing.jsonl")).ok()?)
}

fn of_text(text: &str) -> Option<f64> {
    let mut by_step: BTreeMap<u64, f64> = BTreeMap::new();
    let mut last = 0;
    for (step, seconds) in text.lines().filter_map(step_and_seconds) {
        if step < last {
            by_step.retain(|&earlier, _| earlier < step);
        }
        *by_step.entry(step).or_default() += seconds;
        last = step;
    }
    (!by_step.is_empty()).then(|| by_step.values().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_resumed_run_did_again_counts_once() {
        let line = |step: u64, seconds: f64| {
            format!("{{\"global_step\":{step},\"unix_time\":1.5,\"seconds\":{seconds}}}\n")
        };
        // Killed after step 30, resumed from step 10; an evaluation at 40.
        let lines = [
            (10, 1.0),
            (20, 2.0),
            (30, 4.0),
            (20, 8.0),
            (40, 16.0),
            (40, 0.5),
        ];
        let text: String = lines.iter().map(|&(step, s)| line(step, s)).collect();
        let seconds = of_text(&(text + "{\"glo"));
        assert_eq!(seconds, Some(1.0 + 8.0 + 16.0 + 0.5));
        assert_eq!(of_text(""), None);
    }

    #[test]
    fn the_time_of_evaluations_counts_for_what_is_left() {
        let line = |step: u64, seconds: f64| {
            format!("{{\"global_step\":{step},\"unix_time\":1.5,\"seconds\":{seconds}}}\n")
        };
        // 100 task steps a second, and an evaluation of 2 s after 200 steps; then a
        // resume, after which it is as fast.
        let lines = [
            (100, 9.0),
            (200, 1.0),
            (200, 2.0),
            (100, 5.0),
            (200, 1.0),
            (300, 1.0),
        ];
        let text: String = lines.iter().map(|&(step, s)| line(step, s)).collect();
        let pace = pace_of_text(&text).unwrap();
        assert!((pace.steps_per_second - 100.0).abs() < 1e-9);
        assert!((pace.per_step - 5.0 / 300.0).abs() < 1e-9);
        assert_eq!(pace_of_text(&line(100, 1.0)), None);
    }
}
