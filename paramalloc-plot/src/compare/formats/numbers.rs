//! How the numbers of results are written.

use super::super::estimate::Estimate;
use super::super::results::Results;

/// Factor and decimals of the values of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    factor: f64,
    decimals: usize,
}

impl Scale {
    /// Of a task, or of the mean over the tasks: per cent with two decimals for
    /// shares, else four significant digits of the largest value of the metric.
    pub fn of(results: &Results, task: Option<usize>) -> Self {
        let Some(metric) = results.metric_of(task) else {
            return Self::percent(2);
        };
        if metric.is_share() {
            return Self::percent(2);
        }
        let tasks = results.tasks.iter().enumerate();
        let same: Vec<usize> = tasks
            .filter(|(_, task)| task.metric.name == metric.name)
            .map(|(index, _)| index)
            .collect();
        let methods = results.methods.iter();
        let all = methods.flat_map(|m| same.iter().filter_map(|&task| m.outcome(Some(task))));
        let largest = all.map(|outcome| outcome.estimate.mean.abs());
        let largest = largest.fold(0.0, f64::max);
        let digits = if largest > 0.0 {
            largest.log10().floor()
        } else {
            0.0
        };
        Self {
            factor: 1.0,
            decimals: (3.0 - digits).clamp(0.0, 8.0) as usize,
        }
    }

    /// Shares as per cent.
    pub fn percent(decimals: usize) -> Self {
        Self {
            factor: 100.0,
            decimals,
        }
    }

    /// One value.
    pub fn value(self, value: f64) -> String {
        let text = format!("{:.*}", self.decimals, value * self.factor);
        // Rounded to nothing it has no sign.
        let is_zero = text.chars().all(|c| "-0.".contains(c));
        if is_zero { text.replace('-', "") } else { text }
    }

    /// A difference, with its sign.
    pub fn signed(self, value: f64) -> String {
        let text = self.value(value);
        let is_zero = text.chars().all(|c| "0.".contains(c));
        if value > 0.0 && !is_zero {
            format!("+{text}")
        } else {
            text
        }
    }

    /// `96.90, 97.22`, or nothing for one seed.
    pub fn interval(self, estimate: Estimate, range: (f64, f64)) -> Option<String> {
        let (low, high) = estimate.interval(range)?;
        Some(format!("{}, {}", self.value(low), self.value(high)))
    }

    /// `97.06 [96.90, 97.22]`, without the interval for one seed.
    pub fn with_interval(self, estimate: Estimate, range: (f64, f64)) -> String {
        let mean = self.value(estimate.mean);
        match self.interval(estimate, range) {
            Some(interval) => format!("{mean} [{interval}]"),
            None => mean,
        }
    }
}

/// `0.034`, `<0.001`, or `-` without a test.
pub(super) fn p(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(p) if p < 0.001 => "<0.001".to_owned(),
        Some(p) => format!("{p:.3}"),
    }
}

/// `1.23 M`, `456 k`.
pub(super) fn large(count: f64) -> String {
    match count {
        1e9.. => format!("{:.2} G", count / 1e9),
        1e6..1e9 => format!("{:.2} M", count / 1e6),
        1e4..1e6 => format!("{:.0} k", count / 1e3),
        _ => format!("{count:.0}"),
    }
}

/// The seeds: `0, 1, 2`, `0 to 9`.
pub(super) fn seeds(seeds: &[u64]) -> String {
    match seeds {
        [first, .., last] if seeds.len() > 3 && last - first + 1 == seeds.len() as u64 => {
            format!("{first} to {last}")
        }
        seeds => {
            let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
            seeds.join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let percent = Scale::percent(2);
        assert_eq!(percent.value(-0.000_001), "0.00");
        assert_eq!(percent.signed(0.0123), "+1.23");
        assert_eq!(percent.signed(-0.0123), "-1.23");
        assert_eq!(percent.signed(0.000_001), "0.00");
        assert_eq!(p(Some(0.000_4)), "<0.001");
        assert_eq!(p(Some(0.034_2)), "0.034");
        assert_eq!(large(1_234_567.0), "1.23 M");
        assert_eq!(large(456_000.0), "456 k");
        assert_eq!(seeds(&[3, 4, 5, 6]), "3 to 6");
        assert_eq!(seeds(&[1, 2, 4, 8]), "1, 2, 4, 8");
    }
}
