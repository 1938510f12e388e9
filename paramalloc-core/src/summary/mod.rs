//! What a run leaves behind, as plain serde types: `summary.json` and the
//! lines of `metrics.jsonl`. Programs that draw or compare runs need nothing
//! but this module.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::routing::layer_heading;

mod confusion;
mod files;
mod manifest;
mod old_names;
pub mod similarity;
#[cfg(test)]
mod tests;
mod validate;
mod whole_file;

pub use confusion::{CONFUSION, Confusion, TaskConfusion};
pub use files::{MetricsFile, SummaryError, read_metrics, write_file};
pub use manifest::{FileContent, RunManifest};
pub use old_names::current_name;
pub use whole_file::{flushed, is_left_over, read_text, read_whole, write_whole};

/// The version of the formats in this module; a reader refuses a newer one.
pub const FORMAT: u32 = 1;

/// Name in place of that of a metric where tasks are judged by different ones.
pub const MIXED: &str = "mixed";

/// `summary.json`: the outcome of one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Version of this format, [`FORMAT`].
    pub format: u32,
    /// Name of the experiment, `mnist` for example.
    pub experiment: String,
    /// `no_sharing`, `shared_bottom`, `gumbel_matrix` or a user's router.
    pub method: String,
    /// Seed that every random choice of the run is a function of.
    pub seed: u64,
    /// Task steps done; one step is one batch of one task.
    pub global_step: u64,
    /// Task steps that the full run has.
    pub total_task_steps: u64,
    /// False when the run was interrupted before its last step.
    pub finished: bool,
    /// Task steps done at the evaluation that gave `results`, where it is not
    /// `global_step`: an interrupted run may keep those of its last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results_step: Option<u64>,
    /// Where the data came from.
    pub data: DataIdentity,
    /// Name of the metric in `results`: `accuracy` (0 to 1),
    /// `mean_squared_error` or `mean_absolute_error`, or one of the program's
    /// own; [`MIXED`] where tasks are judged by different ones, which each names.
    pub metric: String,
    /// The tasks, in order.
    pub tasks: Vec<TaskSummary>,
    /// The routed layers, in data-flow order.
    pub routed_layers: Vec<RoutedLayerSummary>,
}

impl Summary {
    /// Name of the metric that a task is judged by.
    pub fn metric_of<'a>(&'a self, task: &'a TaskSummary) -> &'a str {
        task.metric.as_deref().unwrap_or(&self.metric)
    }

    /// Takes note of the metric of each task, in their order: one name if all have
    /// the same, else [`MIXED`] and the name of each.
    pub fn name_metrics(&mut self, names: &[String]) {
        let is_mixed = names.windows(2).any(|pair| pair[0] != pair[1]);
        let of_all = if is_mixed { None } else { names.first() };
        self.metric = of_all.map_or(MIXED, String::as_str).to_owned();
        for (task, name) in self.tasks.iter_mut().zip(names) {
            task.metric = is_mixed.then(|| name.clone());
        }
    }

    /// The routed layers whose components a router gives to the tasks: those
    /// without gates.
    pub fn allocated_layers(&self) -> impl Iterator<Item = &RoutedLayerSummary> + Clone {
        self.routed_layers.iter().filter(|layer| !layer.gated)
    }

    /// True if tasks are judged by different metrics, so that a mean over them
    /// says nothing.
    pub fn is_mixed(&self) -> bool {
        self.tasks.iter().any(|task| task.metric.is_some())
    }
}

/// Which data a run used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataIdentity {
    /// `mnist` for example, or `generated digits` for what is generated in its
    /// place.
    #[serde(deserialize_with = "current_name")]
    pub name: String,
    /// False for generated data: results on them are not those of the
    /// published data.
    pub real: bool,
    /// Files with their SHA-256 in hexadecimal; empty for generated data.
    pub files: BTreeMap<String, String>,
}

/// Outcome for one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskSummary {
    /// Name of the task.
    #[serde(deserialize_with = "current_name")]
    pub name: String,
    /// Tasks of the same group are marked together in figures; may be empty.
    #[serde(deserialize_with = "current_name")]
    pub group: String,
    /// Name of the metric in `results`, where that is not the one of all tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// The metric by split, `train` and `test` for example.
    pub results: BTreeMap<String, f64>,
    /// The metric by split of saying the same of every example, where that is known:
    /// the accuracy of always naming the most frequent class for example, which is all
    /// that version 0.1 stored, as `majority_class`.
    #[serde(
        default,
        alias = "majority_class",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub guess: BTreeMap<String, f64>,
    /// Share of the routed and shared parameters that the task uses, 0 to 1.
    pub parameter_share: f64,
    /// Share of the network's multiply-adds per example that the task needs
    /// at evaluation, 0 to 1.
    pub multiply_add_share: f64,
}

/// Outcome for one routed layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoutedLayerSummary {
    /// Field name, `conv1` for example.
    pub name: String,
    /// Name of the field whose router it uses, if it has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub router_of: Option<String>,
    /// A short name of each component, `conv5x5` for example.
    pub components: Vec<String>,
    /// Connection probabilities, `[tasks][components]`, 0 to 1.
    pub probabilities: Vec<Vec<f32>>,
    /// Allocation, `[tasks][components]`: 1 where the task uses the component
    /// (connection probability of 0.5 or more, or the fixed router's connection).
    pub allocation: Vec<Vec<u8>>,
    /// True where gates weigh the components for each example: which of them a
    /// task uses is then no outcome of the training.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gated: bool,
}

impl RoutedLayerSummary {
    /// Name of the field, and of that whose router it uses: `conv2 (as conv1)`.
    pub fn heading(&self) -> String {
        layer_heading(&self.name, self.router_of.as_deref())
    }
}

// The form is serde's.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(value: &bool) -> bool {
    !value
}

/// One line of `metrics.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Metric {
    /// Training since the previous such line.
    Train(TrainMetric),
    /// An evaluation of all tasks.
    Evaluation(EvaluationMetric),
}

/// Means over the task steps since the previous line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainMetric {
    /// Task steps done when the line was written.
    pub global_step: u64,
    /// Mean task loss per task; null for a task without a step since the
    /// previous line.
    pub task_loss: Vec<Option<f64>>,
    /// Mean auxiliary loss.
    pub auxiliary_loss: f64,
    /// Mean binary entropy of the connection probabilities over all entries,
    /// nats (0 to 0.693); 0 for a fixed router.
    pub entropy: f64,
    /// Temperature of the last step.
    pub temperature: f64,
    /// Connection probabilities by routed layer, `[tasks][components]`; in
    /// `metrics.jsonl` some sixty lines of a run have them, the last one among
    /// these.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub probabilities: BTreeMap<String, Vec<Vec<f32>>>,
}

/// The metric of all tasks on some splits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EvaluationMetric {
    /// Task steps done at this evaluation.
    pub global_step: u64,
    /// By split, one value per task; NaN, in a file null, where the metric is
    /// undefined.
    #[serde(deserialize_with = "null_as_nan")]
    pub results: BTreeMap<String, Vec<f64>>,
    /// The losses of the tasks, as `results`, where those are of different
    /// metrics, of which there is no mean.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub losses: BTreeMap<String, Vec<f64>>,
}

/// Reads a null as NaN, as which JSON writes it.
fn null_as_nan<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<f64>>, D::Error> {
    let by_split: BTreeMap<String, Vec<Option<f64>>> = Deserialize::deserialize(deserializer)?;
    let with_nan = |values: Vec<Option<f64>>| {
        let values = values.into_iter().map(|value| value.unwrap_or(f64::NAN));
        values.collect()
    };
    let by_split = by_split.into_iter();
    Ok(by_split
        .map(|(split, values)| (split, with_nan(values)))
        .collect())
}
