//! Passes over many values; their results do not depend on the machine.

/// Sum of the squares in f64. Sixteen sums run side by side and are added in
/// a fixed order, so that the loop becomes vector instructions and the result
/// is the same everywhere.
pub fn sum_of_squares(values: &[f32]) -> f64 {
    let (groups, rest) = values.as_chunks::<16>();
    let mut lanes = [0.0_f64; 16];
    for group in groups {
        for (lane, &v) in lanes.iter_mut().zip(group) {
            *lane += f64::from(v) * f64::from(v);
        }
    }
    for (lane, &v) in lanes.iter_mut().zip(rest) {
        *lane += f64::from(v) * f64::from(v);
    }
    lanes.iter().sum()
}

/// True if no value is NaN or infinite. Reads all of them: without an early
/// end the loop becomes vector instructions.
pub fn all_finite(values: &[f32]) -> bool {
    values.iter().fold(true, |all, v| all & v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_that_is_not_finite_is_found() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for place in [0, 15, 16, 99] {
                let mut values = vec![1.0; 100];
                assert!(all_finite(&values));
                values[place] = bad;
                assert!(!all_finite(&values), "{bad} at {place}");
            }
        }
    }

    #[test]
    fn every_value_counts_once() {
        // 1 + 4 + 9 + ... + n^2 = n (n + 1) (2n + 1) / 6, exact in f64.
        for n in [0_u32, 1, 15, 16, 17, 100] {
            let values: Vec<f32> = (1..=n).map(|i| -(i as f32)).collect();
            let expected = f64::from(n * (n + 1) * (2 * n + 1) / 6);
            assert_eq!(sum_of_squares(&values), expected);
        }
    }

    #[test]
    fn small_values_are_not_lost_beside_large_ones() {
        let mut values = vec![1e-3; 1_000_000];
        values[0] = 1e3;
        let sum = sum_of_squares(&values);
        assert!((sum - 1_000_001.0).abs() < 1e-3, "{sum}");
    }
}
