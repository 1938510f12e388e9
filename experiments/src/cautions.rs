//! What a reader of a run's figures should know about its allocation.

use paramalloc_core::summary::Summary;

/// Probabilities between these are neither on nor off.
const UNDECIDED: (f32, f32) = (0.1, 0.9);

/// Tasks that a sentence names at most.
const NAMED: usize = 3;

/// A sentence for each routed layer of which a task uses nothing, and one on
/// the connections that are not decided, if there are any.
pub fn cautions(summary: &Summary) -> Vec<String> {
    let unused = summary.routed_layers.iter().filter_map(|layer| {
        let rows = summary.tasks.iter().zip(&layer.allocation);
        let without = rows.filter(|(_, row)| row.iter().all(|&used| used == 0));
        let names: Vec<&str> = without.map(|(task, _)| task.name.as_str()).collect();
        (!names.is_empty()).then(|| unused(&names, &layer.name))
    });
    unused.chain(undecided(summary)).collect()
}

/// What no component takes part in passes nothing on.
fn unused(names: &[&str], layer: &str) -> String {
    let (named, more) = names.split_at(names.len().min(NAMED));
    let mut who = named.join(", ");
    if !more.is_empty() {
        who += &format!(" and {} more", more.len());
    }
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
    use crate::plot::made_up;

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
