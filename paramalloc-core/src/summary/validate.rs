//! Checks that the parts of a summary and of a metrics line fit together.

use std::collections::BTreeMap;

use super::{EvaluationMetric, Metric, RoutedLayerSummary, Summary, TaskSummary, TrainMetric};

/// `Err` holds one clause that names the field and says what is wrong.
type Check = Result<(), String>;

impl Summary {
    /// Checks shapes and ranges: at least one task, distinct layer names, one
    /// row per task and one value per component in `allocation` and
    /// `probabilities` (which may be empty for a fixed router), allocations of
    /// 0 or 1, probabilities and shares of 0 to 1, finite results.
    ///
    /// The error is one clause that names the field.
    pub fn validate(&self) -> Result<(), String> {
        if self.tasks.is_empty() {
            return Err("`tasks` is empty".into());
        }
        self.tasks.iter().try_for_each(check_task)?;
        for (index, layer) in self.routed_layers.iter().enumerate() {
            let earlier = &self.routed_layers[..index];
            if earlier.iter().any(|other| other.name == layer.name) {
                return Err(format!("two routed layers are named `{}`", layer.name));
            }
            check_layer(layer, self.tasks.len())?;
        }
        Ok(())
    }
}

impl Metric {
    /// Checks the shapes of a line against the summary of its run.
    pub(super) fn validate(&self, summary: &Summary) -> Check {
        match self {
            Self::Train(line) => check_train(line, summary),
            Self::Evaluation(line) => check_evaluation(line, summary),
        }
    }
}

fn check_task(task: &TaskSummary) -> Check {
    let name = &task.name;
    for (split, value) in &task.results {
        if !value.is_finite() {
            return Err(format!("`results.{split}` of task `{name}` is {value}"));
        }
    }
    let shares = [
        ("parameter_share", task.parameter_share),
        ("multiply_add_share", task.multiply_add_share),
    ];
    for (field, share) in shares {
        // Sums of shares may exceed 1 by rounding.
        if !(0.0..=1.0 + 1e-6).contains(&share) {
            return Err(format!(
                "`{field}` of task `{name}` is {share}, not within 0 and 1"
            ));
        }
    }
    Ok(())
}

fn check_layer(layer: &RoutedLayerSummary, tasks: usize) -> Check {
    let name = &layer.name;
    let components = layer.components.len();
    if components == 0 {
        return Err(format!("routed layer `{name}` has no components"));
    }
    let field = format!("`allocation` of routed layer `{name}`");
    check_rows(&layer.allocation, tasks, components, &field)?;
    if let Some(value) = layer.allocation.iter().flatten().find(|&&v| v > 1) {
        return Err(format!("{field} holds {value}, neither 0 nor 1"));
    }
    if layer.probabilities.is_empty() {
        return Ok(());
    }
    let field = format!("`probabilities` of routed layer `{name}`");
    check_probabilities(&layer.probabilities, tasks, components, &field)
}

fn check_train(line: &TrainMetric, summary: &Summary) -> Check {
    let tasks = summary.tasks.len();
    check_length(line.task_loss.len(), tasks, "`task_loss`")?;
    let layers: BTreeMap<&str, usize> = summary
        .routed_layers
        .iter()
        .map(|layer| (layer.name.as_str(), layer.components.len()))
        .collect();
    for (name, rows) in &line.probabilities {
        let Some(&components) = layers.get(name.as_str()) else {
            return Err(format!(
                "`probabilities` names the layer `{name}`, which the summary does not have"
            ));
        };
        if !rows.is_empty() {
            let field = format!("`probabilities.{name}`");
            check_probabilities(rows, tasks, components, &field)?;
        }
    }
    Ok(())
}

fn check_evaluation(line: &EvaluationMetric, summary: &Summary) -> Check {
    for (split, values) in &line.results {
        let field = format!("`results.{split}`");
        check_length(values.len(), summary.tasks.len(), &field)?;
    }
    Ok(())
}

fn check_probabilities(rows: &[Vec<f32>], tasks: usize, components: usize, field: &str) -> Check {
    check_rows(rows, tasks, components, field)?;
    match rows.iter().flatten().find(|v| !(0.0..=1.0).contains(*v)) {
        Some(value) => Err(format!("{field} holds {value}, not within 0 and 1")),
        None => Ok(()),
    }
}

fn check_rows<T>(rows: &[Vec<T>], tasks: usize, components: usize, field: &str) -> Check {
    if rows.len() != tasks {
        let found = rows.len();
        return Err(format!(
            "{field} has {found} rows, but there are {tasks} tasks"
        ));
    }
    for (row, values) in rows.iter().enumerate() {
        if values.len() != components {
            let found = values.len();
            return Err(format!(
                "row {row} of {field} has {found} values, but the layer has {components} components"
            ));
        }
    }
    Ok(())
}

fn check_length(found: usize, tasks: usize, field: &str) -> Check {
    if found == tasks {
        return Ok(());
    }
    Err(format!(
        "{field} has {found} values, but there are {tasks} tasks"
    ))
}
