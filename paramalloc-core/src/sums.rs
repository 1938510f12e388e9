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

/// Values whose squares are summed together before they join the others.
const PART: usize = 64;

/// Sum of the squares of `a + factor * b`, each rounded to f32 before it is
/// squared, in f64 in a fixed order. Both slices have the same length.
pub fn sum_of_squares_of_sum(a: &[f32], factor: f32, b: &[f32]) -> f64 {
    let mut sums = [0.0; PART];
    let parts = a.chunks(PART).zip(b.chunks(PART));
    let mut total = 0.0;
    for (a, b) in parts {
        let sums = &mut sums[..a.len()];
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum = a + factor * b;
        }
        total += sum_of_squares(sums);
    }
    total
}

/// [`sum_of_squares_of_sum`] for an `a` of zeros, to the last bit.
pub fn sum_of_squares_of_product(factor: f32, b: &[f32]) -> f64 {
    let mut products = [0.0; PART];
    let mut total = 0.0;
    for b in b.chunks(PART) {
        let products = &mut products[..b.len()];
        for (product, b) in products.iter_mut().zip(b) {
            *product = factor * b;
        }
        total += sum_of_squares(products);
    }
    total
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
    fn a_sum_of_two_is_squared_as_if_it_were_one() {
        for n in [0, 1, 63, 64, 65, 1000] {
            let a: Vec<f32> = (0..n).map(|i| (i as f32 * 0.7).sin()).collect();
            let b: Vec<f32> = (0..n).map(|i| (i as f32 * 1.3).cos()).collect();
            let whole: Vec<f32> = a.iter().zip(&b).map(|(a, b)| a + 0.25 * b).collect();
            let (given, expected) = (sum_of_squares_of_sum(&a, 0.25, &b), sum_of_squares(&whole));
            assert!((given - expected).abs() <= 1e-12 * expected, "{n}: {given}");
        }
    }

    #[test]
    fn a_product_is_a_sum_with_zeros_to_the_last_bit() {
        for n in [0, 1, 63, 64, 65, 1000] {
            let b: Vec<f32> = (0..n).map(|i| (i as f32 * 1.3).cos()).collect();
            let with_zeros = sum_of_squares_of_sum(&vec![0.0; n], 0.3, &b);
            let without = sum_of_squares_of_product(0.3, &b);
            assert_eq!(with_zeros.to_bits(), without.to_bits(), "{n}");
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
