//! What training takes for granted about tasks.

use paramalloc_core::data::{Examples, MISSING_CLASS, TargetKind, Targets, Task};
use paramalloc_core::network::Network;

use crate::error::{Error, TaskError};

/// Refuses tasks that a network cannot learn.
///
/// # Errors
/// [`Error::Task`] and [`Error::OtherSplits`] naming the task.
pub fn check(tasks: &[Task], network: &Network) -> Result<(), Error> {
    let splits = |task: &Task| -> Vec<String> {
        let splits = task.evaluation.iter();
        splits.map(|(split, _)| split.clone()).collect()
    };
    for (index, task) in tasks.iter().enumerate() {
        let loss = network.head.task_loss(index, &task.into());
        // A trainer refuses a task without a loss, or one that is not bound.
        let kind = loss.and_then(|loss| loss.target_kind());
        let kind = kind.unwrap_or(TargetKind::Values);
        let sets = (task.evaluation.iter()).map(|(split, set)| (split.as_str(), set));
        for (split, set) in [("training", &task.train)].into_iter().chain(sets) {
            if let Some(source) = problem(set, task.outputs, kind) {
                return Err(Error::Task {
                    task: task.name.clone(),
                    split: split.to_owned(),
                    source,
                });
            }
        }
        if splits(task) != splits(&tasks[0]) {
            return Err(Error::OtherSplits {
                task: task.name.clone(),
                other: tasks[0].name.clone(),
            });
        }
    }
    Ok(())
}

/// What keeps a set of examples from being learned or evaluated on.
fn problem(set: &Examples, outputs: usize, kind: TargetKind) -> Option<TaskError> {
    if set.is_empty() {
        return Some(TaskError::Empty);
    }
    match set.targets() {
        Targets::Classes(_) if kind != TargetKind::Classes => Some(TaskError::ClassesForValues),
        Targets::Values(_) if kind == TargetKind::Classes => Some(TaskError::ValuesForClasses),
        Targets::Classes(classes) => {
            let known = classes.iter().filter(|&&class| class != MISSING_CLASS);
            let class = *known.max()?;
            (usize::from(class) >= outputs).then_some(TaskError::Class {
                class,
                classes: outputs,
            })
        }
        Targets::Values(values) => {
            let labels = set.len() * set.pixels();
            (values.len() != labels * outputs).then_some(TaskError::Values {
                found: values.len(),
                examples: labels,
                outputs,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use paramalloc_core::data::{FloatInputs, OwnedTargets};
    use paramalloc_core::loss::Loss;
    use paramalloc_core::network::Outputs;
    use paramalloc_core::network::shape::Dims;

    fn task(outputs: usize, targets: OwnedTargets) -> Task {
        let inputs = FloatInputs::new(2, vec![0.0; 4]).unwrap();
        let examples = Examples::new(Arc::new(inputs), targets).unwrap();
        Task::new("mine", outputs, examples.clone()).evaluated_on("test", examples)
    }

    fn network(loss: &Loss) -> Network {
        Network::builder("Net", Dims::features(2))
            .head("head", Outputs::FromData, loss.clone())
            .build()
            .unwrap()
    }

    fn refusal(task: Task, loss: &Loss) -> String {
        check(&[task], &network(loss)).unwrap_err().to_string()
    }

    #[test]
    fn the_targets_must_fit_the_loss() {
        let classes = |classes: &[u16]| OwnedTargets::Classes(classes.to_vec());
        let values = |values: &[f32]| OwnedTargets::Values(values.to_vec());
        let (cross_entropy, squared) = (&Loss::SoftmaxCrossEntropy, &Loss::MeanSquaredError);
        check(&[task(2, classes(&[0, 1]))], &network(cross_entropy)).unwrap();
        check(&[task(1, values(&[0.5, 1.5]))], &network(squared)).unwrap();
        // A task's own loss counts.
        let own = task(1, values(&[0.5, 1.5])).loss(Loss::Huber);
        check(&[own], &network(cross_entropy)).unwrap();
        let cases = [
            (
                task(1, values(&[0.5, 1.5])),
                cross_entropy,
                "tells classes apart",
            ),
            (task(2, classes(&[0, 1])), squared, "predicts values"),
            (
                task(2, classes(&[0, 2])),
                cross_entropy,
                "of class 2, but the task has 2 classes",
            ),
            (
                task(2, values(&[0.5, 1.5])),
                squared,
                "are 2 values to predict",
            ),
        ];
        for (task, loss, words) in cases {
            let sentence = refusal(task, loss);
            assert!(sentence.starts_with("mine, training: "), "{sentence}");
            assert!(sentence.contains(words), "{sentence}");
        }
    }

    #[test]
    fn tasks_need_examples_and_the_same_splits() {
        let classes = || task(2, OwnedTargets::Classes(vec![0, 1]));
        let mut other = classes();
        other.name = "other".to_owned();
        other.evaluation[0].0 = "validation".to_owned();
        let network = network(&Loss::SoftmaxCrossEntropy);
        let error = check(&[classes(), other], &network).unwrap_err();
        assert!(error.to_string().contains("other splits than mine"));
        let mut empty = classes();
        let none = Arc::new(FloatInputs::new(2, Vec::new()).unwrap());
        empty.train = Examples::new(none, Vec::<u16>::new()).unwrap();
        let sentence = refusal(empty, &Loss::SoftmaxCrossEntropy);
        assert!(sentence.contains("no examples"), "{sentence}");
    }
}
