//! The task loss of one example, on the host.

use crate::data::Targets;

/// The loss of example `example` of a batch of `batch`, over `batch`; `set`
/// gets the gradient of each of its `outputs` logits. The targets decide which
/// loss it is, as in [`crate::engine::tape::composed::loss`]: that they are those of the
/// network's loss was checked before a step began.
pub fn example_loss(
    outputs: usize,
    logit: impl Fn(usize) -> f32,
    (targets, example): (Targets<'_>, usize),
    batch: usize,
    set: impl FnMut(usize, f32),
) -> f64 {
    match targets {
        Targets::Classes(labels) => {
            cross_entropy(outputs, logit, usize::from(labels[example]), batch, set)
        }
        Targets::Values(values) => {
            let target = &values[example * outputs..][..outputs];
            squared_error(outputs, logit, |k| target[k], batch, set)
        }
    }
}

/// True if the largest logit, the first of equals, is the example's label.
pub fn is_correct(
    outputs: usize,
    logit: impl Fn(usize) -> f32,
    (targets, example): (Targets<'_>, usize),
) -> bool {
    let Targets::Classes(labels) = targets else {
        return false;
    };
    let better = |best: usize, k: usize| if logit(k) > logit(best) { k } else { best };
    (1..outputs).fold(0, better) == usize::from(labels[example])
}

/// `-ln softmax(logits)[label] / batch`, stable for any logits.
fn cross_entropy(
    outputs: usize,
    logit: impl Fn(usize) -> f32,
    label: usize,
    batch: usize,
    mut set: impl FnMut(usize, f32),
) -> f64 {
    let top = (0..outputs).map(&logit).fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = (0..outputs).map(|k| (logit(k) - top).exp()).sum();
    let scale = 1.0 / batch as f32;
    for k in 0..outputs {
        let probability = (logit(k) - top).exp() / sum;
        let hit = if k == label { 1.0 } else { 0.0 };
        set(k, (probability - hit) * scale);
    }
    f64::from(sum.ln() - (logit(label) - top)) / batch as f64
}

/// `sum_k (y_k - t_k)^2 / (batch * outputs)`.
fn squared_error(
    outputs: usize,
    output: impl Fn(usize) -> f32,
    target: impl Fn(usize) -> f32,
    batch: usize,
    mut set: impl FnMut(usize, f32),
) -> f64 {
    let values = (batch * outputs) as f64;
    let mut total = 0.0;
    for k in 0..outputs {
        let difference = f64::from(output(k)) - f64::from(target(k));
        set(k, (2.0 * difference / values) as f32);
        total += difference * difference / values;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_stays_finite_and_sums_to_zero_gradient() {
        let logits = [1000.0, 0.0, -1000.0];
        let mut gradient = [0.0; 3];
        let loss = example_loss(
            3,
            |k| logits[k],
            (Targets::Classes(&[1]), 0),
            2,
            |k, g| gradient[k] = g,
        );
        assert_eq!(loss, 500.0);
        assert_eq!(gradient, [0.5, -0.5, 0.0]);
    }

    #[test]
    fn a_nan_logit_gives_a_nan_loss() {
        let targets = (Targets::Classes(&[0]), 0);
        let logit = |k: usize| [0.0, f32::NAN][k];
        let loss = example_loss(2, logit, targets, 1, |_, _| ());
        assert!(loss.is_nan());
    }

    #[test]
    fn squared_error_is_a_mean_over_batch_and_outputs() {
        let mut gradient = [0.0; 2];
        let targets = (Targets::Values(&[9.0, 9.0, 1.0, 0.0]), 1);
        let output = |k: usize| [3.0, 0.0][k];
        let loss = example_loss(2, output, targets, 2, |k, g| {
            gradient[k] = g;
        });
        assert_eq!((loss, gradient), (1.0, [1.0, 0.0]));
    }
}
