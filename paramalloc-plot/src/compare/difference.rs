//! Paired differences between two methods, their test, and its correction for
//! several tests.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::estimate::{Estimate, differences};

/// How a method differs from another, over the seeds that both have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Mean, deviation and interval of the differences of the same seed.
    pub estimate: Estimate,
    /// How many seeds both have, at least 2.
    pub seeds: usize,
    /// p of the paired t test that the mean difference is 0; absent where
    /// all seeds have the same difference, which leaves nothing to judge by.
    pub p: Option<f64>,
    /// `p` corrected by Holm's method for all tests of its table.
    pub corrected: Option<f64>,
}

impl Difference {
    /// Of the differences `a - b` of the values of the same seed; nothing
    /// unless two seeds have both.
    pub(super) fn new(a: &[(u64, f64)], b: &[(u64, f64)]) -> Option<Self> {
        let differences = differences(a, b);
        let seeds = differences.len();
        if seeds < 2 {
            return None;
        }
        let estimate = Estimate::new(&differences)?;
        Some(Self {
            p: p_value(&differences, &estimate),
            corrected: None,
            estimate,
            seeds,
        })
    }
}

/// p of Student's t test, two sided, that the mean is 0.
fn p_value(differences: &[f64], estimate: &Estimate) -> Option<f64> {
    let n = differences.len() as f64;
    let error = estimate.deviation? / n.sqrt();
    // Equal but for rounding: nothing varies that a mean could be compared with.
    let largest = differences.iter().fold(0.0_f64, |a, d| a.max(d.abs()));
    if error <= 1e-12 * largest || error == 0.0 {
        return None;
    }
    let t = StudentsT::new(0.0, 1.0, n - 1.0).ok()?;
    Some((2.0 * t.cdf(-(estimate.mean / error).abs())).min(1.0))
}

/// Holm's step-down correction of all tests that have a p.
pub(super) fn correct<'a>(tests: impl Iterator<Item = &'a mut Difference>) {
    let mut tests: Vec<(f64, &mut Difference)> =
        tests.filter_map(|test| Some((test.p?, test))).collect();
    tests.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all = tests.len();
    let mut largest = 0.0_f64;
    for (rank, (p, test)) in tests.iter_mut().enumerate() {
        largest = largest.max((*p * (all - rank) as f64).min(1.0));
        test.corrected = Some(largest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeded(values: &[f64]) -> Vec<(u64, f64)> {
        (0..).zip(values.iter().copied()).collect()
    }

    #[test]
    fn the_paired_test_is_students() {
        let a = seeded(&[30.02, 29.99, 30.11, 29.97, 30.01, 29.99]);
        let b = seeded(&[29.89, 29.93, 29.72, 29.98, 30.02, 29.98]);
        let difference = Difference::new(&a, &b).unwrap();
        // t = 1.509967 with 5 degrees of freedom; the density integrated numerically.
        assert_eq!(difference.seeds, 6);
        assert!(
            (difference.p.unwrap() - 0.191_436_884).abs() < 1e-6,
            "{difference:?}"
        );
    }

    #[test]
    fn equal_differences_cannot_be_tested() {
        let b = seeded(&[0.1, 0.7, 0.3]);
        let a: Vec<_> = b.iter().map(|(seed, v)| (*seed, v + 0.1)).collect();
        let difference = Difference::new(&a, &b).unwrap();
        assert_eq!(difference.p, None);
        assert!((difference.estimate.mean - 0.1).abs() < 1e-12);
        assert_eq!(Difference::new(&a[..1], &b), None);
    }

    #[test]
    fn holm_steps_down() {
        let estimate = Estimate::new(&[1.0, 2.0]).unwrap();
        let test = |p| Difference {
            estimate,
            seeds: 2,
            p,
            corrected: None,
        };
        let mut tests = [Some(0.01), Some(0.04), None, Some(0.03), Some(0.005)].map(test);
        correct(tests.iter_mut());
        let corrected = tests.map(|test| test.corrected);
        // 4 * 0.005, 3 * 0.01, 2 * 0.03, and no less for 0.04.
        let expected = [Some(0.03), Some(0.06), None, Some(0.06), Some(0.02)];
        for (found, expected) in corrected.into_iter().zip(expected) {
            assert_eq!(found.is_some(), expected.is_some());
            let distance = found.unwrap_or(0.0) - expected.unwrap_or(0.0);
            assert!(distance.abs() < 1e-12, "{corrected:?}");
        }
    }
}
