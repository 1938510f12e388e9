//! Intervals from resampled values.

/// Where 95 % of the resampled values are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// A fortieth of them is below.
    pub low: f64,
    /// A fortieth of them is above.
    pub high: f64,
}

/// The values of a metric on resampled rows; where it is undefined, there is none.
#[derive(Clone, Debug, Default)]
pub struct Resamples(Vec<f64>);

impl Resamples {
    /// Adds a value, if there is one.
    pub fn extend(&mut self, value: Option<f64>) {
        self.0.extend(value);
    }

    /// The interval between their percentiles 2.5 and 97.5, which is inside of the
    /// metric's range; nothing of fewer than 40 values.
    pub fn interval(mut self) -> Option<Interval> {
        if self.0.len() < 40 {
            return None;
        }
        self.0.sort_by(f64::total_cmp);
        let last = (self.0.len() - 1) as f64;
        let at = |share: f64| self.0[(share * last).round() as usize];
        Some(Interval {
            low: at(0.025),
            high: at(0.975),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_95_of_100_are_inside() {
        let mut values = Resamples::default();
        for value in (0..=1000).rev() {
            values.extend(Some(f64::from(value)));
            values.extend(None);
        }
        let interval = values.interval();
        assert_eq!(
            interval,
            Some(Interval {
                low: 25.0,
                high: 975.0
            })
        );
        assert_eq!(Resamples(vec![1.0; 39]).interval(), None);
    }
}
