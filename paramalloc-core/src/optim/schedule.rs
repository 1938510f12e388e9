//! How the learning rate changes over a run.

use std::f64::consts::PI;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A factor of the learning rates over the task steps of a run. It is a
/// function of the step alone, so a resumed run follows it exactly.
///
/// ```
/// use paramalloc_core::optim::Schedule;
///
/// /// A tenth of the learning rate in the second half of the run.
/// #[derive(Debug)]
/// struct Halves;
///
/// impl Schedule for Halves {
///     fn factor(&self, step: u64, total_steps: u64) -> f64 {
///         if 2 * step < total_steps { 1.0 } else { 0.1 }
///     }
/// }
/// ```
pub trait Schedule: fmt::Debug + Send + Sync {
    /// The factor of both learning rates, that of the model and that of the
    /// routers, at task step `step`, which counts from 0, of a run of
    /// `total_steps`: a finite number of at least 0. A run may be longer than
    /// `total_steps` where its end is not known.
    fn factor(&self, step: u64, total_steps: u64) -> f64;
}

/// A schedule that can be chosen by name. In a file of settings it is a table
/// such as `{ name = "cosine", warm_up = 1000 }`. Steps are task steps: a run
/// has steps per task times tasks of them.
///
/// A schedule of one's own is given to
/// [`Trainer::set_schedule`](crate::train::Trainer::set_schedule).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum ScheduleSettings {
    /// 1 throughout.
    #[default]
    Constant,
    /// `(step + 1) / steps` during the first steps, 1 from then on.
    WarmUp {
        /// How many steps the rate rises for.
        steps: u64,
    },
    /// Rises as in [`Self::WarmUp`], then falls along half a cosine to the
    /// minimum at the end of the run:
    /// `minimum + (1 - minimum) * (1 + cos(pi * progress)) / 2`.
    Cosine {
        /// How many steps the rate rises for.
        #[serde(default)]
        warm_up: u64,
        /// The factor at the end, 0 to 1.
        #[serde(default)]
        minimum: f64,
    },
    /// The factor to the power of how many of the steps `at` have been
    /// reached.
    Steps {
        /// When the rate changes, in increasing order.
        at: Vec<u64>,
        /// What it is multiplied by each time, above 0.
        #[serde(default = "tenth")]
        factor: f64,
    },
}

fn tenth() -> f64 {
    0.1
}

impl ScheduleSettings {
    /// Names of the schedules.
    pub const NAMES: [&str; 4] = ["constant", "warm_up", "cosine", "steps"];

    /// The name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::WarmUp { .. } => "warm_up",
            Self::Cosine { .. } => "cosine",
            Self::Steps { .. } => "steps",
        }
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the first setting that is out of its range.
    pub fn check(&self) -> Result<(), Error> {
        match self {
            Self::Cosine { minimum, .. } if !(0.0..=1.0).contains(minimum) => Err(Error::setting(
                "schedule.minimum",
                minimum,
                "from 0 to 1: the share of the learning rate at the end",
            )),
            Self::Steps { factor, .. } if !(*factor > 0.0 && factor.is_finite()) => Err(
                Error::setting("schedule.factor", factor, "a finite number above 0"),
            ),
            Self::Steps { at, .. } if at.windows(2).any(|pair| pair[0] >= pair[1]) => {
                let value = format!("{at:?}");
                let expected = "steps in increasing order, for example [10000, 20000]";
                Err(Error::setting("schedule.at", value, expected))
            }
            _ => Ok(()),
        }
    }
}

impl Schedule for ScheduleSettings {
    fn factor(&self, step: u64, total_steps: u64) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::WarmUp { steps } => rising(step, *steps).unwrap_or(1.0),
            Self::Cosine { warm_up, minimum } => rising(step, *warm_up).unwrap_or_else(|| {
                let falling = total_steps.saturating_sub(*warm_up).max(1);
                let progress = ((step - warm_up) as f64 / falling as f64).min(1.0);
                minimum + (1.0 - minimum) * (1.0 + (PI * progress).cos()) / 2.0
            }),
            Self::Steps { at, factor } => {
                let reached = at.iter().take_while(|&&at| at <= step).count();
                // Multiplied out: the same on every machine.
                (0..reached).fold(1.0, |product, _| product * factor)
            }
        }
    }
}

/// The factor while the rate rises over the first `steps`.
fn rising(step: u64, steps: u64) -> Option<f64> {
    (step < steps).then(|| (step + 1) as f64 / steps as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> ScheduleSettings {
        serde_json::from_str(json).unwrap()
    }

    #[track_caller]
    fn factors(json: &str, steps: [u64; 4], expected: [f64; 4]) {
        let schedule = parsed(json);
        assert!(schedule.check().is_ok(), "{json}");
        let found = steps.map(|step| schedule.factor(step, 100));
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-12,
                "{json}: {found} {expected}"
            );
        }
        let saved = serde_json::to_string(&schedule).unwrap();
        assert_eq!(parsed(&saved), schedule);
    }

    #[test]
    fn each_schedule_is_its_formula() {
        factors(r#"{"name": "constant"}"#, [0, 1, 99, 200], [1.0; 4]);
        let warm_up = r#"{"name": "warm_up", "steps": 10}"#;
        factors(warm_up, [0, 4, 9, 50], [0.1, 0.5, 1.0, 1.0]);
        let cosine = r#"{"name": "cosine", "warm_up": 20, "minimum": 0.2}"#;
        factors(cosine, [0, 20, 60, 100], [0.05, 1.0, 0.6, 0.2]);
        factors(
            r#"{"name": "cosine"}"#,
            [0, 50, 100, 300],
            [1.0, 0.5, 0.0, 0.0],
        );
        let steps = r#"{"name": "steps", "at": [30, 60]}"#;
        factors(steps, [29, 30, 59, 60], [1.0, 0.1, 0.1, 0.01]);
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let cases = [
            (
                r#"{"name": "cosine", "minimum": 2}"#,
                "schedule.minimum = 2",
            ),
            (
                r#"{"name": "steps", "at": [1], "factor": 0}"#,
                "schedule.factor = 0",
            ),
            (r#"{"name": "steps", "at": [2, 1]}"#, "schedule.at = [2, 1]"),
        ];
        for (json, expected) in cases {
            let error = parsed(json).check().unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        let unknown = serde_json::from_str::<ScheduleSettings>(r#"{"name": "linear"}"#);
        assert!(unknown.unwrap_err().to_string().contains("warm_up"));
    }
}
