//! Normal random numbers.

use std::f64::consts::TAU;

use paramalloc_core::random::Stream;

/// Draws from the normal distribution of mean 0 and deviation 1.
pub(super) struct Normal {
    stream: Stream,
    /// The second of the last two that were made.
    spare: Option<f64>,
}

impl Normal {
    pub fn new(stream: Stream) -> Self {
        Self {
            stream,
            spare: None,
        }
    }

    /// Box and Muller, "A Note on the Generation of Random Normal Deviates"
    /// (1958): two uniform numbers give the radius and angle of two normal
    /// ones.
    pub fn draw(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        // Above 0, as its logarithm is taken.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sine, cosine) = (TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sine);
        radius * cosine
    }

    /// A multiple of `2^-53` in `[0, 1)`.
    fn uniform(&mut self) -> f64 {
        (self.stream.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use paramalloc_core::random::{Purpose, Random};

    use super::*;

    #[test]
    fn the_moments_are_those_of_the_normal_distribution() {
        let count = 200_000;
        let mut normal = Normal::new(Random::new(5).stream(Purpose::Data, 0, 0));
        let draws: Vec<f64> = (0..count).map(|_| normal.draw()).collect();
        let moment =
            |power: i32| draws.iter().map(|x| x.powi(power)).sum::<f64>() / f64::from(count);
        // About five deviations of each estimate.
        for (power, expected, tolerance) in [
            (1, 0.0, 0.012),
            (2, 1.0, 0.016),
            (3, 0.0, 0.045),
            (4, 3.0, 0.11),
        ] {
            let difference = moment(power) - expected;
            assert!(difference.abs() < tolerance, "{power}: {difference}");
        }
        // Neighbours, which come of the same two uniform numbers, are
        // independent.
        let products = draws.as_chunks::<2>().0.iter().map(|[a, b]| a * b);
        assert!((products.sum::<f64>() / f64::from(count / 2)).abs() < 0.016);
        let beyond = draws.iter().filter(|x| x.abs() > 1.959_964).count();
        assert!(beyond.abs_diff(10_000) < 500, "{beyond}");
    }
}
