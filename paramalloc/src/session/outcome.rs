//! What a run leaves at its end: `summary.json` and the parameters.

use std::collections::BTreeMap;

use paramalloc_core::data::Task;
use paramalloc_core::summary::{
    EvaluationMetric, FORMAT, FileContent, RoutedLayerSummary, Summary, TaskSummary,
};
use paramalloc_core::train::{Trainer, Usage};

use crate::error::Error;
use crate::run_dir::directory::RunDir;
use crate::run_dir::files::{PARAMETERS, SUMMARY};
use crate::run_dir::parameters;
use crate::session::progress::Progress;

/// Writes the summary, the parameters and the manifest of a run as it stands.
/// It is `finished` if all else that belongs to it was written before: a run
/// that is told to be finished is never resumed.
///
/// # Errors
/// [`Error::Save`] naming the file that cannot be written.
pub fn save(
    progress: &Progress<'_>,
    run: &RunDir,
    metrics: FileContent,
    finished: bool,
) -> Result<Summary, Error> {
    let summary = summary(progress, finished);
    let parameters = parameters::to_bytes(&progress.trainer.parameters())?;
    run.write(PARAMETERS, &parameters)?;
    run.write_json(SUMMARY, &summary)?;
    run.write_manifest(metrics)?;
    Ok(summary)
}

fn summary(progress: &Progress<'_>, finished: bool) -> Summary {
    let trainer = &*progress.trainer;
    let evaluation = progress.last_evaluation.as_ref();
    let global_step = trainer.global_step();
    let evaluated = evaluation.map(|e| e.global_step);
    let tasks = (0..trainer.tasks()).map(|task| {
        let used = trainer.usage(task);
        let whole = Usage::whole(trainer.plan());
        TaskSummary {
            name: progress.tasks[task].name.clone(),
            group: progress.tasks[task].group.clone(),
            results: evaluation.map_or_else(BTreeMap::new, |e| results_of(e, task)),
            majority_class: match progress.metric.name() {
                "accuracy" => majority_class(&progress.tasks[task]),
                // No other metric can be compared with that share.
                _ => BTreeMap::new(),
            },
            parameter_share: share(used.parameters, whole.parameters),
            multiply_add_share: share(used.multiply_adds, whole.multiply_adds),
        }
    });
    Summary {
        format: FORMAT,
        experiment: progress.config.experiment.clone(),
        method: progress.config.settings.router.method.to_string(),
        seed: progress.config.settings.seed,
        global_step,
        total_task_steps: trainer.total_task_steps(),
        finished,
        results_step: evaluated.filter(|&step| step != global_step),
        data: progress.config.data_identity.clone(),
        metric: progress.metric.name().to_owned(),
        tasks: tasks.collect(),
        routed_layers: routed_layers(trainer),
    }
}

fn results_of(evaluation: &EvaluationMetric, task: usize) -> BTreeMap<String, f64> {
    let splits = evaluation.results.iter();
    splits
        .filter_map(|(split, values)| Some((split.clone(), *values.get(task)?)))
        .collect()
}

fn majority_class(task: &Task) -> BTreeMap<String, f64> {
    let splits = task.evaluation.iter();
    splits
        .filter_map(|(split, set)| Some((split.clone(), set.targets().majority_class()?)))
        .collect()
}

/// A network without parameters or multiply-adds is all used.
fn share(used: u64, whole: u64) -> f64 {
    match whole {
        0 => 1.0,
        whole => used as f64 / whole as f64,
    }
}

fn routed_layers(trainer: &Trainer) -> Vec<RoutedLayerSummary> {
    let fields = trainer.plan().routed().enumerate();
    fields
        .map(|(index, field)| RoutedLayerSummary {
            name: field.name.to_owned(),
            components: field.components.iter().map(|c| c.name.clone()).collect(),
            probabilities: trainer.routers().probabilities(index),
            allocation: trainer.routers().allocation(index),
        })
        .collect()
}
