//! The weights of tasks and classes that the settings name.

use paramalloc_core::data::{MISSING_CLASS, TargetKind, Targets, Task};
use paramalloc_core::network::Network;

use crate::error::{Error, WeightError};
use crate::settings::{ClassWeights, Settings};

/// Gives the tasks the weights that the settings name, in place of those that they
/// have.
///
/// # Errors
/// If a name is that of nothing, or there is nothing to balance.
pub fn give(tasks: &mut [Task], network: &Network, settings: &Settings) -> Result<(), Error> {
    for (name, &weight) in &settings.task_weights {
        match tasks.iter_mut().find(|task| task.name == *name) {
            Some(task) => task.weight = weight as f32,
            None => {
                return Err(WeightError::Task {
                    name: name.clone(),
                    tasks: tasks.iter().map(|task| task.name.clone()).collect(),
                }
                .into());
            }
        }
    }
    let kinds = kinds(tasks, network);
    let told = || kinds.iter().any(|kind| *kind != TargetKind::Values);
    match &settings.class_weights {
        Some(ClassWeights::Balanced) if told() => {
            let classes = tasks.iter_mut().zip(&kinds);
            for (task, kind) in classes.filter(|(_, kind)| **kind != TargetKind::Values) {
                task.class_weights = balanced(task, *kind);
            }
        }
        Some(ClassWeights::Named(weights)) if told() => {
            // What is said of one task comes after what is said of all.
            let is_of_one = |name: &str| {
                let mut tasks = tasks.iter();
                tasks.any(|task| class_of(task, name).is_some())
            };
            let (of_one, of_all): (Vec<_>, Vec<_>) =
                weights.iter().partition(|(name, _)| is_of_one(name));
            for (name, &weight) in of_all.into_iter().chain(of_one) {
                name_weight(tasks, &kinds, name, weight as f32)?;
            }
        }
        Some(_) => return Err(WeightError::NoClasses.into()),
        None => {}
    }
    let is_balanced = |(task, kind): (&Task, &TargetKind)| match kind {
        TargetKind::Classes => true,
        TargetKind::Labels => task.outputs == 1,
        _ => false,
    };
    match settings.balanced_batches && !tasks.iter().zip(&kinds).any(is_balanced) {
        true => Err(WeightError::NoClasses.into()),
        false => Ok(()),
    }
}

/// What each task predicts.
fn kinds(tasks: &[Task], network: &Network) -> Vec<TargetKind> {
    let kind = |(index, task): (usize, &Task)| {
        let loss = network.head.task_loss(index, &task.into());
        loss.and_then(|loss| loss.target_kind())
            .unwrap_or(TargetKind::Values)
    };
    tasks.iter().enumerate().map(kind).collect()
}

/// Weights with which all classes count the same over the training examples: of a class
/// that has n of N among k classes it is N / (k n). A label that is lacked counts 1, so
/// it is the ratio of those that lack it to those that have it.
fn balanced(task: &Task, kind: TargetKind) -> Vec<f32> {
    let mut sums = vec![[0.0_f64; 2]; task.outputs];
    let weight = |label: usize| {
        task.train
            .weights()
            .map_or(1.0, |all| f64::from(all[label]))
    };
    match task.train.targets() {
        Targets::Classes(classes) => {
            let known = classes.iter().enumerate();
            for (label, &class) in known.filter(|(_, class)| **class != MISSING_CLASS) {
                if let Some(sum) = sums.get_mut(usize::from(class)) {
                    sum[1] += weight(label);
                }
            }
        }
        Targets::Values(values) => {
            for (place, &value) in values
                .iter()
                .enumerate()
                .filter(|(_, value)| !value.is_nan())
            {
                let (label, output) = (place / task.outputs, place % task.outputs);
                sums[output][1] += weight(label) * f64::from(value);
                sums[output][0] += weight(label) * f64::from(1.0 - value);
            }
        }
    }
    let all: f64 = sums.iter().map(|sum| sum[1]).sum();
    let there = sums.iter().filter(|sum| sum[1] > 0.0).count() as f64;
    let of = |&[lacked, had]: &[f64; 2]| match kind {
        _ if had == 0.0 => 1.0,
        TargetKind::Labels if lacked == 0.0 => 1.0,
        TargetKind::Labels => lacked / had,
        _ => all / (there * had),
    };
    sums.iter().map(|sum| of(sum) as f32).collect()
}

/// Names of the classes of a task, or of its labels.
fn names(task: &Task, kind: TargetKind) -> Vec<String> {
    match (kind, task.class_names.len() == task.outputs) {
        (TargetKind::Values, _) => Vec::new(),
        (_, true) => task.class_names.clone(),
        (TargetKind::Labels, _) if task.outputs == 1 => vec!["1".to_owned()],
        _ => (0..task.outputs).map(|class| class.to_string()).collect(),
    }
}

/// The class in a name that is of this task alone: `yes` of `disease:yes`.
fn class_of<'a>(task: &Task, name: &'a str) -> Option<&'a str> {
    name.strip_prefix(&*task.name)?.strip_prefix(':')
}

/// Gives this weight to all classes of a name.
fn name_weight(
    tasks: &mut [Task],
    kinds: &[TargetKind],
    name: &str,
    weight: f32,
) -> Result<(), Error> {
    let mut is_known = false;
    for (task, &kind) in tasks.iter_mut().zip(kinds) {
        let classes = names(task, kind);
        let is_label = kind == TargetKind::Labels && task.outputs == 1 && task.name == name;
        let of_task = class_of(task, name);
        let is_meant = |class: &String| class == name || of_task == Some(class) || is_label;
        for (index, _) in classes
            .iter()
            .enumerate()
            .filter(|(_, class)| is_meant(class))
        {
            task.class_weights.resize(task.outputs, 1.0);
            task.class_weights[index] = weight;
            is_known = true;
        }
    }
    if is_known {
        return Ok(());
    }
    let mut known: Vec<String> = Vec::new();
    for (task, &kind) in tasks.iter().zip(kinds) {
        let classes = match kind == TargetKind::Labels && task.outputs == 1 {
            true => vec![task.name.clone()],
            false => names(task, kind),
        };
        for class in classes {
            if !known.contains(&class) {
                known.push(class);
            }
        }
    }
    Err(WeightError::Class {
        name: name.to_owned(),
        classes: known,
    }
    .into())
}

#[cfg(test)]
mod tests;
