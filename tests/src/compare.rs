//! Comparison of parameters and gradients.

use paramalloc_core::train::NamedTensor;

/// Panics unless the numbers are equal. `==` on `f32`: 0.0 and -0.0 agree, no
/// NaN does.
#[track_caller]
pub fn assert_equal(at: &str, got: &[NamedTensor], wanted: &[NamedTensor]) {
    assert_eq!(got.len(), wanted.len(), "{at}: number of tensors");
    for (got, wanted) in got.iter().zip(wanted) {
        let path = &wanted.path;
        assert_eq!((&got.path, &got.shape), (path, &wanted.shape), "{at}");
        assert_eq!(got.values.len(), wanted.values.len(), "{at}, {path}");
        for (i, (got, wanted)) in got.values.iter().zip(&wanted.values).enumerate() {
            assert!(
                got == wanted,
                "{at}, {path}: value {i} is {got}, not {wanted}"
            );
        }
    }
}

/// Panics unless the difference of each tensor is at most `tolerance` of the
/// norm of the wanted one, or of `floor` below that.
#[track_caller]
pub fn assert_close(
    at: &str,
    got: &[NamedTensor],
    wanted: &[NamedTensor],
    tolerance: f64,
    floor: f64,
) {
    assert_eq!(got.len(), wanted.len(), "{at}: number of tensors");
    for (got, wanted) in got.iter().zip(wanted) {
        assert_eq!(got.path, wanted.path, "{at}");
        let error = norm(&difference(&got.values, &wanted.values));
        let limit = tolerance * norm(&wanted.values).max(floor);
        // Written so that a NaN fails.
        let close = error <= limit;
        assert!(close, "{at}, {}: off by {error}, allowed {limit}", got.path);
    }
}

/// The Euclidean norm.
pub fn norm(values: &[f32]) -> f64 {
    values
        .iter()
        .map(|&v| f64::from(v).powi(2))
        .sum::<f64>()
        .sqrt()
}

/// `a - b`.
pub fn difference(a: &[f32], b: &[f32]) -> Vec<f32> {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

/// The values of all tensors, one after the other.
pub fn flat(tensors: &[NamedTensor]) -> Vec<f32> {
    tensors.iter().flat_map(|t| t.values.clone()).collect()
}

/// The bits of all values.
pub fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}
