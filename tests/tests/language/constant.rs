//! The best constant prediction.

use paramalloc_core::data::{Examples, MISSING_CLASS, Target, Targets};
use paramalloc_core::loss::{Loss, Share, TaskLoss};

/// The mean loss of the constant prediction that has the lowest one.
pub fn best_constant_loss(loss: &Loss, examples: &Examples, outputs: usize) -> f64 {
    let loss = loss.task_loss().expect("a loss of the library");
    match examples.targets() {
        Targets::Classes(classes) => frequencies(loss, classes, outputs),
        Targets::Values(values) => {
            let sums = (0..outputs).map(|k| best_sum(loss, values[k..].iter().step_by(outputs)));
            let present = values.iter().filter(|value| !value.is_nan()).count();
            sums.sum::<f64>() / present as f64
        }
    }
}

/// Of the logits that give each class its share.
fn frequencies(loss: &dyn TaskLoss, classes: &[u16], outputs: usize) -> f64 {
    let known = || classes.iter().filter(|&&class| class != MISSING_CLASS);
    let mut counts = vec![0.0_f32; outputs];
    known().for_each(|&class| counts[usize::from(class)] += 1.0);
    let logits: Vec<f32> = counts.iter().map(|count| count.max(1e-6).ln()).collect();
    let share = Share {
        weight: 1.0,
        total: known().count() as f64,
    };
    let class = |&class: &u16| Target::Class(usize::from(class));
    known()
        .map(|of| loss.example(&logits, class(of), share, None))
        .sum()
}

/// The lowest sum of the losses of one output, which is convex in it.
fn best_sum<'a>(loss: &dyn TaskLoss, values: impl Iterator<Item = &'a f32>) -> f64 {
    let values: Vec<f32> = values.copied().filter(|value| !value.is_nan()).collect();
    let one = Share {
        weight: 1.0,
        total: 1.0,
    };
    let sum = |output: f32| -> f64 {
        let value = |value: &f32| loss.example(&[output], Target::Values(&[*value]), one, None);
        values.iter().map(value).sum()
    };
    let (mut low, mut high) = (-10.0_f32, 10.0_f32);
    for _ in 0..60 {
        let third = (high - low) / 3.0;
        match sum(low + third) < sum(high - third) {
            true => high -= third,
            false => low += third,
        }
    }
    sum((low + high) / 2.0)
}
