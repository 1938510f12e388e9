//! Mean, deviation and interval over the seeds of an experiment.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Mean over seeds of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Sample standard deviation over the seeds; absent for one seed.
    pub deviation: Option<f64>,
    /// Half the width of the 95 % interval of the mean (Student's t); absent
    /// for one seed.
    pub margin: Option<f64>,
}

impl Estimate {
    /// From one value per seed; `None` without a value.
    pub fn new(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
        let deviation = (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt());
        let quantile = StudentsT::new(0.0, 1.0, n - 1.0).map(|t| t.inverse_cdf(0.975));
        let margin = deviation.zip(quantile.ok()).map(|(d, t)| t * d / n.sqrt());
        Some(Self {
            mean,
            deviation,
            margin,
        })
    }

    /// The 95 % interval of the mean, cut at the range of what was estimated;
    /// absent for one seed. The true mean lies in the range, so the cut takes
    /// nothing from the interval's confidence.
    pub fn interval(self, (low, high): (f64, f64)) -> Option<(f64, f64)> {
        let margin = self.margin?;
        Some((
            (self.mean - margin).clamp(low, high),
            (self.mean + margin).clamp(low, high),
        ))
    }

    /// Mean and deviation, rounded.
    pub(super) fn rounded(self, digits: usize) -> String {
        let mean = self.mean;
        match self.deviation {
            Some(d) => format!("{mean:.digits$} ± {d:.digits$}"),
            None => format!("{mean:.digits$}"),
        }
    }

    /// The 95 % interval of something without a range, rounded.
    pub(super) fn shown_interval(self, digits: usize) -> String {
        match self.interval((f64::NEG_INFINITY, f64::INFINITY)) {
            Some((low, high)) => format!("{low:.digits$} to {high:.digits$}"),
            None => "one seed".into(),
        }
    }

    /// Of the differences `a - b` of the values of the same seed; nothing
    /// unless two seeds have both. What the seeds have in common, data and
    /// initial values, falls out of it.
    pub(super) fn of_differences(a: &[(u64, f64)], b: &[(u64, f64)]) -> Option<Self> {
        let differences = differences(a, b);
        (differences.len() > 1)
            .then(|| Self::new(&differences))
            .flatten()
    }
}

/// The differences `a - b` of the values of the same seed.
pub(super) fn differences(a: &[(u64, f64)], b: &[(u64, f64)]) -> Vec<f64> {
    let difference = |(seed, a): &(u64, f64)| {
        let (_, b) = b.iter().find(|(other, _)| other == seed)?;
        Some(a - b)
    };
    a.iter().filter_map(difference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviation_and_interval_of_three_values() {
        let estimate = Estimate::new(&[1.0, 2.0, 3.0]).unwrap();
        assert_eq!((estimate.mean, estimate.deviation), (2.0, Some(1.0)));
        // 4.302653 (Student's t, 2 degrees of freedom, 97.5 %) / sqrt(3)
        let margin = estimate.margin.unwrap();
        assert!((margin - 2.484138).abs() < 1e-5, "{margin}");
    }

    #[test]
    fn an_interval_ends_where_the_range_does() {
        let estimate = Estimate::new(&[0.90, 0.99, 1.0]).unwrap();
        let (low, high) = estimate.interval((0.0, 1.0)).unwrap();
        assert_eq!(high, 1.0);
        assert!(low > 0.8 && low < 0.9, "{low}");
        let free = estimate.interval((f64::NEG_INFINITY, f64::INFINITY));
        assert!(free.unwrap().1 > 1.0);
    }

    #[test]
    fn differences_are_those_of_the_same_seed() {
        let a = [(0, 1.5), (1, 12.0), (2, 3.0), (7, 0.0)];
        let b = [(2, 1.0), (0, 1.0), (1, 10.5), (9, 5.0)];
        let estimate = Estimate::of_differences(&a, &b).unwrap();
        // 0.5, 1.5 and 2
        assert!((estimate.mean - 4.0 / 3.0).abs() < 1e-12);
        assert!((estimate.deviation.unwrap() - 0.763_762_6).abs() < 1e-6);
        assert_eq!(Estimate::of_differences(&a[..1], &b), None);
    }

    #[test]
    fn one_seed_has_no_interval() {
        let estimate = Estimate::new(&[0.5]).unwrap();
        assert_eq!((estimate.deviation, estimate.margin), (None, None));
        assert_eq!(estimate.interval((0.0, 1.0)), None);
        assert_eq!(estimate.rounded(1), "0.5");
    }
}
