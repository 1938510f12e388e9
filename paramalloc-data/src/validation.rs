//! A validation split for tasks that have none.

use std::collections::BTreeMap;

use paramalloc_core::data::{Examples, Targets, Task};
use paramalloc_core::random::{Purpose, Random};

use crate::error::{DataError, OptionRange};
use crate::observer::Observer;
use crate::options::DataOptions;

/// Name of the split.
const VALIDATION: &str = "validation";
/// Keeps its random numbers apart from those of other splits.
const GROUP: u64 = u64::MAX;

/// Takes [`DataOptions::validation_share`] of the training examples of each task that has
/// no split `validation` for one, the same share of each class, at random by
/// [`DataOptions::split_seed`]. Nothing is done where the share is 0. Tasks with the same
/// classes in the same order, as those that see the same images, have the same examples in
/// it. Of a split `train` that has all training examples the rest is left.
///
/// # Errors
/// If the share is out of its range, or a task has a single example.
pub fn part_validation(
    tasks: &mut [Task],
    options: &DataOptions,
    observer: &mut dyn Observer,
) -> Result<(), DataError> {
    let (share, seed) = (options.validation_share, options.split_seed);
    DataError::check_option("validation share", share, OptionRange::Within(0.0, 0.9))?;
    if share == 0.0 {
        return Ok(());
    }
    let has_one = |task: &Task| task.evaluation.iter().any(|(split, _)| split == VALIDATION);
    let (mut taken, mut of) = (0, 0);
    for task in tasks.iter_mut().filter(|task| !has_one(task)) {
        let all = task.train.len();
        let is_taken = choose(&task.train, share, seed);
        let part = |wanted: bool| -> Vec<usize> {
            (0..all)
                .filter(|&index| is_taken[index] == wanted)
                .collect()
        };
        let (rest, chosen) = (part(false), part(true));
        if chosen.is_empty() || rest.is_empty() {
            let task = task.name.clone();
            return Err(DataError::TooFewToValidate { task });
        }
        (taken, of) = (taken + chosen.len(), of + all);
        let validation = options.limited(VALIDATION, task.train.select(&chosen));
        task.train = task.train.select(&rest);
        let train = task.train.clone();
        for (split, set) in &mut task.evaluation {
            if split == "train" && set.len() == all {
                *set = train.clone();
            }
        }
        let after = task
            .evaluation
            .iter()
            .position(|(split, _)| split == "train");
        let place = after.map_or(0, |index| index + 1);
        task.evaluation
            .insert(place, (VALIDATION.to_owned(), validation));
    }
    if of > 0 {
        observer.message(&format!("validation: {taken} of {of} training examples"));
    }
    Ok(())
}

/// Which examples are taken: of each class the share, at least one of two or more, and
/// never all.
fn choose(train: &Examples, share: f64, seed: u64) -> Vec<bool> {
    let mut is_taken = vec![false; train.len()];
    for (number, examples) in (0..).zip(classes(train)) {
        let wanted = (examples.len() as f64 * share).round() as usize;
        let wanted = wanted.max(1).min(examples.len().saturating_sub(1));
        let mut stream = Random::new(seed).stream(Purpose::Data, GROUP, number);
        let order = stream.shuffled(examples.len() as u32);
        for place in order.into_iter().take(wanted) {
            is_taken[examples[place as usize]] = true;
        }
    }
    is_taken
}

/// The examples of each class, or with and without a single label of 0 and 1; all together
/// where there are other values or pixels have targets of their own.
fn classes(train: &Examples) -> Vec<Vec<usize>> {
    match train.targets() {
        Targets::Classes(classes) if train.pixels() == 1 => {
            let mut examples: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
            for (index, &class) in classes.iter().enumerate() {
                examples.entry(class).or_default().push(index);
            }
            examples.into_values().collect()
        }
        Targets::Values(values)
            if values.len() == train.len()
                && values.iter().all(|v| v.is_nan() || *v == 0.0 || *v == 1.0) =>
        {
            let mut examples = [Vec::new(), Vec::new(), Vec::new()];
            for (index, value) in values.iter().enumerate() {
                let group = match value.is_nan() {
                    true => 2,
                    false => usize::from(*value == 1.0),
                };
                examples[group].push(index);
            }
            examples.into_iter().filter(|of| !of.is_empty()).collect()
        }
        _ => vec![(0..train.len()).collect()],
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use paramalloc_core::data::{FloatInputs, OwnedTargets};

    use super::*;

    fn task(targets: impl Into<OwnedTargets>, count: usize) -> Task {
        let inputs = FloatInputs::new(1, (0..count).map(|i| i as f32).collect()).unwrap();
        let train = Examples::new(Arc::new(inputs), targets).unwrap();
        Task::new("task", 3, train.clone())
            .evaluated_on("train", train.clone())
            .evaluated_on("test", train.first(2))
    }

    fn options(validation_share: f64, split_seed: u64) -> DataOptions {
        DataOptions {
            validation_share,
            split_seed,
            ..DataOptions::default()
        }
    }

    fn split(mut task: Task, options: &DataOptions) -> Result<Task, DataError> {
        let tasks = std::slice::from_mut(&mut task);
        part_validation(tasks, options, &mut |_: &str| ()).map(|()| task)
    }

    fn rows(set: &Examples) -> Vec<usize> {
        (0..set.len()).map(|index| set.row(index)).collect()
    }

    #[test]
    fn each_class_gives_its_share_by_the_seed() {
        // 40 of class 0, 20 of class 1, 2 of class 2.
        let classes = || -> Vec<u16> {
            (0..62)
                .map(|i| [0, 0, 1][i % 3].max(2 * u16::from(i >= 60)))
                .collect()
        };
        let found = split(task(classes(), 62), &options(0.2, 0)).unwrap();
        let names = found.evaluation.iter().map(|(split, _)| split.as_str());
        assert_eq!(names.collect::<Vec<_>>(), ["train", "validation", "test"]);
        let validation = &found.evaluation[1].1;
        let Targets::Classes(of) = validation.targets() else {
            panic!("classes");
        };
        let count = |class| of.iter().filter(|&&c| c == class).count();
        assert_eq!([count(0), count(1), count(2)], [8, 4, 1]);
        let train = rows(&found.train);
        assert_eq!(rows(&found.evaluation[0].1), train);
        let mut all = [train, rows(validation)].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..62));
        for (index, row) in rows(validation).into_iter().enumerate() {
            assert_eq!(of[index], classes()[row]);
        }
        let again = split(task(classes(), 62), &options(0.2, 0)).unwrap();
        assert_eq!(rows(&again.evaluation[1].1), rows(validation));
        let other = split(task(classes(), 62), &options(0.2, 1)).unwrap();
        assert_ne!(rows(&other.evaluation[1].1), rows(validation));
    }

    #[test]
    fn a_split_that_is_there_stays() {
        let values = || task((0..9).map(|i| i as f32).collect::<Vec<f32>>(), 3);
        let none = split(values(), &options(0.0, 0)).unwrap();
        assert_eq!(none.evaluation.len(), 2);
        let with_one = values().evaluated_on("validation", values().train.first(1));
        let stays = split(with_one, &options(0.5, 0)).unwrap();
        assert_eq!((stays.train.len(), stays.evaluation[2].1.len()), (3, 1));
        let found = split(values(), &options(0.3, 0)).unwrap();
        assert_eq!((found.train.len(), found.evaluation[1].1.len()), (2, 1));
        let refused = split(task(vec![0_u16], 1), &options(0.3, 0)).unwrap_err();
        assert!(
            refused.to_string().contains("too few training examples"),
            "{refused}"
        );
        assert!(split(values(), &options(0.95, 0)).unwrap_err().is_usage());
    }
}
