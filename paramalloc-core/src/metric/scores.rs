//! Predictions as two-class problems and as probabilities.

use super::interface::Predictions;
use crate::data::Target;

/// What one example is in a two-class problem.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scored {
    /// More of it speaks for the positive class.
    pub score: f64,
    /// Its probability is at least that of the negative class.
    pub is_called_positive: bool,
    /// It is of the positive class.
    pub is_positive: bool,
    /// What it weighs, above 0.
    pub weight: f64,
}

/// The two-class problems that predictions consist of, without labels that are
/// missing: one for each label; of two classes, whether it is the second; of
/// more, for each class whether it is that one.
pub(super) fn problems(predictions: &Predictions<'_>) -> Vec<Vec<Scored>> {
    let width = predictions.width;
    let classes = if width == 2 { 1..2 } else { 0..width };
    let mut problems = vec![Vec::new(); width];
    for (outputs, target, weight) in predictions.examples() {
        let weight = f64::from(weight);
        if let Target::Class(class) = target {
            let (called, probabilities) = (largest(outputs), softmax(outputs));
            for k in classes.clone() {
                // The difference of two logits is not rounded to 0 or 1.
                let score = match width {
                    2 => f64::from(outputs[1]) - f64::from(outputs[0]),
                    _ => probabilities[k],
                };
                problems[k].push(Scored {
                    score,
                    is_called_positive: called == k,
                    is_positive: class == k,
                    weight,
                });
            }
        }
        for (k, label) in target.values_present() {
            problems[k].push(Scored {
                score: f64::from(outputs[k]),
                is_called_positive: outputs[k] >= 0.0,
                is_positive: label >= 0.5,
                weight,
            });
        }
    }
    problems.retain(|problem| !problem.is_empty());
    problems
}

/// The mean of a metric over the problems for which it is defined.
pub(super) fn mean_of(
    problems: &[Vec<Scored>],
    value: impl Fn(&[Scored]) -> Option<f64>,
) -> Option<f64> {
    mean(problems.iter().filter_map(|problem| value(problem)))
}

/// The mean of some values, if there are any.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u64), |(sum, count), v| (sum + v, count + 1));
    (count > 0).then(|| sum / count as f64)
}

/// Sum of the weights of those for which `is_in` holds.
pub(super) fn weight_of(problem: &[Scored], is_in: impl Fn(&Scored) -> bool) -> f64 {
    let inside = problem.iter().filter(|scored| is_in(scored));
    inside.map(|scored| scored.weight).sum()
}

/// The weights of negative and positive examples at each score, the highest
/// score first.
pub(super) fn by_score(problem: &[Scored]) -> Vec<[f64; 2]> {
    let mut sorted = problem.to_vec();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let same = sorted.chunk_by(|a, b| a.score == b.score);
    same.map(|group| [false, true].map(|positive| weight_of(group, |s| s.is_positive == positive)))
        .collect()
}

/// Index of the largest, the first of equals.
pub(super) fn largest(outputs: &[f32]) -> usize {
    let better = |best: usize, k: usize| if outputs[k] > outputs[best] { k } else { best };
    (1..outputs.len()).fold(0, better)
}

/// Probabilities of the classes.
pub(super) fn softmax(logits: &[f32]) -> Vec<f64> {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = logits
        .iter()
        .map(|&z| (f64::from(z) - f64::from(top)).exp());
    let powers: Vec<f64> = powers.collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// The probability of a label.
pub(super) fn sigmoid(logit: f32) -> f64 {
    let z = f64::from(logit);
    let small = (-z.abs()).exp();
    match z >= 0.0 {
        true => 1.0 / (1.0 + small),
        false => small / (1.0 + small),
    }
}
