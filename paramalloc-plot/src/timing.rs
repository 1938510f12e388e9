//! `timing.jsonl` of a run directory: how long a run took.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// Seconds that the run took by the clock, evaluations included and pauses
/// between stop and resume left out; nothing for a run without times, as
/// before version 0.2.
///
/// A line has the seconds since the line before. What a resumed run did again
/// counts once.
pub(crate) fn seconds(directory: &Path) -> Option<f64> {
    of_text(&std::fs::read_to_string(directory.join("timing.jsonl")).ok()?)
}

fn of_text(text: &str) -> Option<f64> {
    let mut by_step: BTreeMap<u64, f64> = BTreeMap::new();
    let mut last = 0;
    for line in text.lines() {
        // The last line of a killed run may be torn.
        let Ok(line) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let step = line.get("global_step")?.as_u64()?;
        let seconds = line.get("seconds")?.as_f64()?;
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
}
