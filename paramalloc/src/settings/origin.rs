//! What a file of settings says about a run that it is of.

use paramalloc_core::data::Task;
use paramalloc_core::loss::{Loss, TaskLoss};
use paramalloc_core::network::{Network, TaskHead};
use paramalloc_core::summary::{DataIdentity, current_name};
use paramalloc_data::{DataSource, Normalization};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The entries of `config.json` that are no settings, as far as a file of
/// settings has them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Format of the file.
    pub format: Option<u64>,
    /// Name of the experiment.
    pub experiment: Option<String>,
    /// Version of the program.
    pub version: Option<String>,
    /// How the program is called.
    pub program: Option<String>,
    /// Where the tasks come from.
    pub source: Option<SourceConfig>,
    /// The data of the run.
    pub data_identity: Option<DataIdentity>,
    /// The tasks.
    pub tasks: Option<Vec<TaskConfig>>,
    /// What the program adds of its own.
    pub additions: Option<Vec<Addition>>,
    /// How its images are normalized.
    pub normalization: Option<Normalization>,
}

impl Origin {
    /// Names of the entries.
    pub const NAMES: [&'static str; 9] = [
        "format",
        "experiment",
        "version",
        "program",
        "source",
        "data_identity",
        "tasks",
        "additions",
        "normalization",
    ];
}

/// Where the tasks of a run come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceConfig {
    /// Name of the data source, `mnist` for example.
    pub name: String,
    /// Its options.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub options: Map<String, Value>,
}

impl SourceConfig {
    /// Of a data source.
    pub fn of(source: &dyn DataSource) -> Self {
        Self {
            name: source.name().to_owned(),
            options: source.options(),
        }
    }
}

/// A kind of thing that a program adds of its own, and that no other program
/// can resume a run with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addition {
    /// An optimizer.
    Optimizer,
    /// A learning-rate schedule.
    Schedule,
    /// A penalty.
    Penalty,
    /// A metric.
    Metric,
    /// A logger, which changes no result.
    Logger,
}

/// A task of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskConfig {
    /// Its name.
    #[serde(deserialize_with = "current_name")]
    pub name: String,
    /// Tasks of the same group are marked together in figures.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Outputs of its head: classes, or values to predict.
    pub outputs: usize,
    /// Names of its classes in order of their numbers, where they have some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_names: Vec<String>,
    /// Its loss, where that is not what the network says for all tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<Loss>,
    /// What its loss counts beside those of the other tasks; 1 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f32>,
    /// What examples of each class count in its loss, where they differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_weights: Vec<f32>,
}

impl TaskConfig {
    /// True if this task, as it is now, is the `stored` one: runs of old did not
    /// store the names of all classes, nor groups, which change no result.
    pub fn is(&self, stored: &Self) -> bool {
        let has_names = !stored.class_names.is_empty();
        self.name == stored.name
            && self.head() == stored.head()
            && (!has_names || self.class_names == stored.class_names)
    }

    /// Of tasks of a network.
    pub fn of_tasks(tasks: &[Task], network: &Network) -> Vec<Self> {
        let tasks = tasks.iter().enumerate();
        tasks
            .map(|(index, task)| Self::of(index, task, network))
            .collect()
    }

    fn of(index: usize, task: &Task, network: &Network) -> Self {
        let loss = network.head.task_loss(index, &task.into());
        let said = network.head.task_loss(index, &TaskHead::new(task.outputs));
        Self {
            name: task.name.clone(),
            group: task.group.clone(),
            outputs: task.outputs,
            class_names: task.class_names.clone(),
            loss: loss.filter(|loss| Some(loss) != said.as_ref()),
            weight: Some(task.weight).filter(|&weight| weight != 1.0),
            class_weights: task.class_weights.clone(),
        }
    }

    /// Finds a loss of the user's own, of which a file has the name alone, among
    /// these.
    pub fn bind_loss(&mut self, losses: &[&'static dyn TaskLoss]) {
        if let Some(loss) = &mut self.loss
            && loss.task_loss().is_none()
            && let Some(&found) = losses.iter().find(|found| found.name() == loss.name())
        {
            *loss = Loss::own(found);
        }
    }

    /// What it asks of its head.
    pub fn head(&self) -> TaskHead {
        TaskHead::new(self.outputs)
            .loss(self.loss.clone())
            .weight(self.weight.unwrap_or(1.0))
            .class_weights(self.class_weights.clone())
    }
}
