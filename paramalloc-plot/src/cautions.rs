//! What a reader of a run's figures should know about them.

use paramalloc_core::summary::{Summary, TaskSummary};

/// Probabilities between these are neither on nor off.
const UNDECIDED: (f32, f32) = (0.1, 0.9);

/// Tasks that a sentence names at most.
const NAMED: usize = 3;

/// A sentence for each routed layer of which a task uses nothing, one on tasks
/// that have learnt nothing, and one on the connections that are not decided, if
/// there are any.
pub fn cautions(summary: &Summary) -> Vec<String> {
    let unused = summary.routed_layers.iter().filter_map(|layer| {
        let rows = summary.tasks.iter().zip(&layer.allocation);
        let without = rows.filter(|(_, row)| row.iter().all(|&used| used == 0));
        let names: Vec<&str> = without.map(|(task, _)| task.name.as_str()).collect();
        (!names.is_empty()).then(|| unused(&names, &layer.name))
    });
    let others = [guessing(summary), undecided(summary)];
    unused.chain(others.into_iter().flatten()).collect()
}

/// `MNIST, MNIST-2, MNIST-Rot and 1 more`.
fn listed(names: &[&str]) -> String {
    let (named, more) = names.split_at(names.len().min(NAMED));
    match more.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// A network whose units have all died names one class for every example.
fn guessing(summary: &Summary) -> Option<String> {
    let is_guessing = |task: &&TaskSummary| {
        let by_split = task.results.iter();
        let better = by_split.filter(|&(split, result)| {
            let majority = task.majority_class.get(split);
            majority.is_none_or(|majority| result > majority)
        });
        !task.results.is_empty() && better.count() == 0
    };
    let tasks = summary.tasks.iter().filter(is_guessing);
    let names: Vec<&str> = tasks.map(|task| task.name.as_str()).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    (!names.is_empty()).then(|| {
        format!(
            "{} {verb} no better than naming the most frequent class for every example: nothing was learnt; try more steps, a lower --learning-rate or another --seed",
            listed(&names)
        )
    })
}

/// What no component takes part in passes nothing on.
fn unused(names: &[&str], layer: &str) -> String {
    let who = listed(names);
    let (verb, its) = match names {
        [_] => ("uses", "its results do"),
        _ => ("use", "their results do"),
    };
    format!(
        "{who} {verb} no component of {layer}, so {its} not depend on the example; try --disconnect-penalty 1, a higher --router-learning-rate, more steps or a larger --budget"
    )
}

fn undecided(summary: &Summary) -> Option<String> {
    let layers = summary.routed_layers.iter();
    let all: Vec<f32> = (layers.flat_map(|layer| layer.probabilities.iter().flatten()))
        .copied()
        .collect();
    let (low, high) = UNDECIDED;
    let between = all.iter().filter(|&&p| p > low && p < high).count();
    (between > 0).then(|| {
        format!(
            "{between} of {} connections are not decided yet: their probabilities are between {low} and {high}",
            all.len()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made_up;

    #[test]
    fn a_task_that_has_learnt_nothing_is_named() {
        let mut summary = made_up();
        let guess = |task: &mut TaskSummary| {
            task.results.insert("test".to_owned(), 0.1);
            task.results.insert("train".to_owned(), 0.11);
            task.majority_class.insert("test".to_owned(), 0.1);
            task.majority_class.insert("train".to_owned(), 0.12);
        };
        let said = |summary: &Summary| {
            let all = cautions(summary).into_iter();
            all.filter(|c| c.contains("nothing was learnt"))
                .collect::<Vec<_>>()
        };
        assert_eq!(said(&summary), [] as [String; 0]);
        guess(&mut summary.tasks[1]);
        let name = summary.tasks[1].name.clone();
        assert!(said(&summary)[0].starts_with(&format!("{name} is no better than")));
        summary.tasks.iter_mut().for_each(guess);
        assert!(said(&summary)[0].contains(" and 1 more are no better than"));
        for task in &mut summary.tasks {
            task.results.insert("test".to_owned(), 0.101);
        }
        assert_eq!(said(&summary), [] as [String; 0]);
    }

    #[test]
    fn a_task_that_uses_nothing_of_a_layer_is_named() {
        let mut summary = made_up();
        let probabilities = |layer: &mut Vec<Vec<f32>>, p: f32| {
            layer.iter_mut().flatten().for_each(|each| *each = p);
        };
        for layer in &mut summary.routed_layers {
            probabilities(&mut layer.probabilities, 0.99);
            layer.allocation.iter_mut().for_each(|row| row.fill(1));
        }
        assert_eq!(cautions(&summary), [] as [String; 0]);

        summary.routed_layers[1].allocation[2].fill(0);
        summary.routed_layers[1].probabilities[2].fill(0.4);
        let said = cautions(&summary);
        let task = &summary.tasks[2].name;
        assert!(
            said[0].starts_with(&format!("{task} uses no component of conv2")),
            "{said:?}"
        );
        assert!(said[0].contains("--disconnect-penalty"), "{said:?}");
        assert!(
            said[1].starts_with("4 of 48 connections are not decided"),
            "{said:?}"
        );

        for row in &mut summary.routed_layers[1].allocation {
            row.fill(0);
        }
        assert!(cautions(&summary)[0].contains(" and 1 more use no component"));
    }
}
