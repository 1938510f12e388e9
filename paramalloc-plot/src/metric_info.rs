//! What is known of a metric by its name: its range and which way is better.

use paramalloc_core::metric::{self, Goal};

use crate::format;

/// A metric that results are of.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricInfo {
    /// Its name.
    pub name: String,
    /// Whether more of it is better; nothing for a metric or loss of a user's own.
    pub goal: Option<Goal>,
    /// Lowest and highest value that it can have.
    pub range: (f64, f64),
}

impl MetricInfo {
    /// The metric of this name.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            goal: metric::by_name(name).ok().map(|metric| metric.goal()),
            range: range(name),
        }
    }

    /// Whether its values are shares, best shown in per cent.
    pub fn is_share(&self) -> bool {
        format::is_share(&self.name)
    }

    /// Lowest and highest value that a difference of two values can have.
    pub fn difference_range(&self) -> (f64, f64) {
        let width = self.range.1 - self.range.0;
        (-width, width)
    }

    /// Its name as words, with the unit of its values in a table.
    pub(crate) fn heading(&self) -> String {
        let unit = if self.is_share() { ", %" } else { "" };
        format!("{}{unit}", format::words(&self.name))
    }
}

fn range(name: &str) -> (f64, f64) {
    match name {
        "accuracy" | "balanced_accuracy" | "roc_auc" | "average_precision" | "f1"
        | "calibration_error" => (0.0, 1.0),
        "log_loss"
        | "brier_score"
        | "mean_absolute_error"
        | "mean_squared_error"
        | "root_mean_squared_error" => (0.0, f64::INFINITY),
        "r2" => (f64::NEG_INFINITY, 1.0),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_the_core_has_a_bound_and_a_goal() {
        for name in metric::NAMES {
            let metric = MetricInfo::named(name);
            let (low, high) = metric.range;
            assert!(low.is_finite() || high.is_finite(), "{name}");
            // The best value is a bound.
            let best = match metric.goal {
                Some(Goal::Maximize) => high,
                Some(Goal::Minimize) => low,
                None => f64::NAN,
            };
            assert!(best.is_finite(), "{name}");
        }
        assert_eq!(
            MetricInfo::named("accuracy").difference_range(),
            (-1.0, 1.0)
        );
        assert_eq!(MetricInfo::named("mine").goal, None);
    }
}
