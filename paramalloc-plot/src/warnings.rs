//! What a reader of a run's results should know about them.

use std::fmt;

use paramalloc_core::summary::{Summary, TaskSummary};

/// Probabilities between these are neither on nor off.
pub(crate) const UNDECIDED: (f32, f32) = (0.1, 0.9);

/// Tasks that a sentence names at most.
const NAMED: usize = 3;

/// Something that makes the results of a run doubtful. Its `Display` is a
/// sentence that says what to try.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Some tasks use no component of a layer, so that nothing passes it.
    NothingUsed {
        /// Name of the routed layer.
        layer: String,
        /// Names of the tasks, at least one.
        tasks: Vec<String>,
        /// What would train for longer.
        longer: Longer,
    },
    /// Some tasks have learned nothing: what says the same of every example is as good
    /// on every split.
    NothingLearned {
        /// Names of the tasks, at least one.
        tasks: Vec<String>,
        /// What would train for longer.
        longer: Longer,
    },
    /// Some connections are neither on nor off.
    Undecided {
        /// How many.
        connections: usize,
        /// Of how many.
        all: usize,
        /// What would train for longer.
        longer: Longer,
    },
}

/// What would train a run for longer. Its `Display` is to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Longer {
    /// It took all its steps.
    Steps,
    /// It ended when its patience was used up.
    Patience,
    /// It is not at its end.
    Resume,
}

impl fmt::Display for Longer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Steps => "more steps",
            Self::Patience => "a larger --patience",
            Self::Resume => "resuming the run",
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingUsed {
                layer,
                tasks,
                longer,
            } => {
                let (verb, its) = match tasks[..] {
                    [_] => ("uses", "its results do"),
                    _ => ("use", "their results do"),
                };
                write!(
                    f,
                    "{} {verb} no component of {layer}, so {its} not depend on the example; try --disconnect-penalty 1, a higher --router-learning-rate, {longer} or, below 1, a larger --budget",
                    listed(tasks)
                )
            }
            Self::NothingLearned { tasks, longer } => {
                let verb = if tasks.len() == 1 { "is" } else { "are" };
                write!(
                    f,
                    "{} {verb} no better than saying the same of every example: nothing was learned; try {longer}, a lower --learning-rate or another --seed",
                    listed(tasks)
                )
            }
            Self::Undecided {
                connections,
                all,
                longer,
            } => {
                let (low, high) = UNDECIDED;
                write!(
                    f,
                    "{connections} of {all} connections are not decided yet: their probabilities are between {low} and {high}; try {longer}, a higher --router-learning-rate or --entropy-penalty 0.1"
                )
            }
        }
    }
}

/// A warning for each routed layer of which a task uses nothing, one on tasks
/// that have learned nothing, and one on the connections that are not decided,
/// if there are any.
pub fn warnings(summary: &Summary) -> Vec<Warning> {
    let took_all = summary.global_step >= summary.total_task_steps;
    let longer = match (summary.finished, took_all) {
        (false, _) => Longer::Resume,
        (true, false) => Longer::Patience,
        (true, true) => Longer::Steps,
    };
    let unused = summary.routed_layers.iter().filter_map(|layer| {
        let rows = summary.tasks.iter().zip(&layer.allocation);
        let without = rows.filter(|(_, row)| row.iter().all(|&used| used == 0));
        let tasks: Vec<String> = without.map(|(task, _)| task.name.clone()).collect();
        let layer = layer.name.clone();
        (!tasks.is_empty()).then_some(Warning::NothingUsed {
            layer,
            tasks,
            longer,
        })
    });
    let others = [nothing_learned(summary, longer), undecided(summary, longer)];
    unused.chain(others.into_iter().flatten()).collect()
}

/// `MNIST, MNIST-2, MNIST-Rot and 1 more`.
fn listed(names: &[String]) -> String {
    let (named, more) = names.split_at(names.len().min(NAMED));
    match more.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// A network whose units have all died names one class for every example.
fn nothing_learned(summary: &Summary, longer: Longer) -> Option<Warning> {
    let is_guessing = |task: &&TaskSummary| {
        let by_split = task.results.iter();
        let better = by_split.filter(|&(split, result)| {
            let guess = task.guess.get(split);
            guess.is_none_or(|guess| result > guess)
        });
        !task.results.is_empty() && better.count() == 0
    };
    let tasks = summary.tasks.iter().filter(is_guessing);
    let tasks: Vec<String> = tasks.map(|task| task.name.clone()).collect();
    (!tasks.is_empty()).then_some(Warning::NothingLearned { tasks, longer })
}

fn undecided(summary: &Summary, longer: Longer) -> Option<Warning> {
    let layers = summary.allocated_layers();
    let (low, high) = UNDECIDED;
    let is_between = |&&p: &&f32| p > low && p < high;
    let all = layers.flat_map(|layer| layer.probabilities.iter().flatten());
    let connections = all.clone().filter(is_between).count();
    let all = all.count();
    (connections > 0).then_some(Warning::Undecided {
        connections,
        all,
        longer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated_runs;

    #[test]
    fn a_task_that_has_learned_nothing_is_named() {
        let mut summary = generated_runs::digits().summary;
        let guess = |task: &mut TaskSummary| {
            task.results.insert("test".to_owned(), 0.1);
            task.results.insert("train".to_owned(), 0.11);
            task.guess.insert("test".to_owned(), 0.1);
            task.guess.insert("train".to_owned(), 0.12);
        };
        let said = |summary: &Summary| {
            let all = warnings(summary).into_iter().map(|w| w.to_string());
            all.filter(|c| c.contains("nothing was learned"))
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
    fn what_would_train_for_longer_is_named() {
        let mut summary = generated_runs::digits().summary;
        summary.routed_layers[0].probabilities[0][0] = 0.5;
        let said = |summary: &Summary| {
            let all = warnings(summary).into_iter().map(|w| w.to_string());
            all.collect::<Vec<_>>().join(" ")
        };
        assert!(said(&summary).contains("try more steps"));
        summary.total_task_steps += 1;
        assert!(said(&summary).contains("try a larger --patience"));
        summary.finished = false;
        assert!(said(&summary).contains("try resuming the run"));
    }

    #[test]
    fn gates_decide_nothing() {
        let mut summary = generated_runs::digits().summary;
        let connections = |summary: &Summary| {
            let undecided = warnings(summary).into_iter().find_map(|w| match w {
                Warning::Undecided { all, .. } => Some(all),
                _ => None,
            });
            undecided.unwrap_or_default()
        };
        summary.routed_layers[0].probabilities[0][0] = 0.5;
        let all = connections(&summary);
        let layer = &mut summary.routed_layers[2];
        layer.gated = true;
        let gated: usize = layer.allocation.iter().map(Vec::len).sum();
        assert_eq!(connections(&summary), all - gated);
    }

    #[test]
    fn a_task_that_uses_nothing_of_a_layer_is_named() {
        let mut summary = generated_runs::digits().summary;
        let probabilities = |layer: &mut Vec<Vec<f32>>, p: f32| {
            layer.iter_mut().flatten().for_each(|each| *each = p);
        };
        for layer in &mut summary.routed_layers {
            probabilities(&mut layer.probabilities, 0.99);
            layer.allocation.iter_mut().for_each(|row| row.fill(1));
        }
        assert_eq!(warnings(&summary), []);

        summary.routed_layers[1].allocation[2].fill(0);
        summary.routed_layers[1].probabilities[2].fill(0.4);
        let said: Vec<String> = warnings(&summary).iter().map(Warning::to_string).collect();
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
        assert!(
            warnings(&summary)[0]
                .to_string()
                .contains(" and 1 more use no component")
        );
    }
}
