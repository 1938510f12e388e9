//! What a run leaves at its end: `summary.json` and the parameters.

use std::collections::BTreeMap;
use std::fs;

use paramalloc_core::data::Task;
use paramalloc_core::summary::{
    EvaluationMetric, FORMAT, FileContent, RoutedLayerSummary, Summary, TaskSummary,
};
use paramalloc_core::train::{Trainer, Usage};

use crate::error::{CheckpointError, Error};
use crate::run_dir::checkpoints::BEST;
use crate::run_dir::directory::RunDir;
use crate::run_dir::files::{BEST_PARAMETERS, CHECKPOINTS, PARAMETERS, SUMMARY};
use crate::run_dir::parameters;
use crate::session::progress::Progress;
use crate::session::state::SessionState;

/// Writes the summary, the parameters and the manifest of a run as it stands.
/// It is `finished` if all else that belongs to it was written before: a run
/// that is told to be finished is never resumed. Of a run with patience the
/// summary is then of the best parameters, which the trainer has afterwards.
///
/// # Errors
/// [`Error::Save`] naming the file that cannot be written.
pub fn save(
    progress: &mut Progress<'_>,
    run: &RunDir,
    metrics: FileContent,
    finished: bool,
) -> Result<Summary, Error> {
    let global_step = progress.trainer.global_step();
    let parameters = parameters::to_bytes(&progress.trainer.parameters())?;
    run.write(PARAMETERS, &parameters)?;
    if finished && progress.config.settings.patience.is_some() {
        take_best(progress, run)?;
    }
    let summary = summary(progress, global_step, finished);
    run.write_json(SUMMARY, &summary)?;
    run.write_manifest(metrics)?;
    Ok(summary)
}

/// Takes the best checkpoint, if there is one, and writes its parameters.
fn take_best(progress: &mut Progress<'_>, run: &RunDir) -> Result<(), Error> {
    let path = run.path.join(CHECKPOINTS).join(BEST);
    if !path.exists() {
        return Ok(());
    }
    let unusable = |source| Error::Checkpoint {
        path: path.clone(),
        source,
    };
    let bytes = fs::read(&path).map_err(|source| unusable(CheckpointError::Read(source)))?;
    let restored = progress.trainer.restore_parameters::<SessionState>(&bytes);
    let state = restored.map_err(|source| unusable(CheckpointError::OtherNetwork(source)))?;
    progress.last_evaluation = state.progress.last_evaluation;
    let parameters = parameters::to_bytes(&progress.trainer.parameters())?;
    run.write(BEST_PARAMETERS, &parameters)
}

fn summary(progress: &Progress<'_>, global_step: u64, finished: bool) -> Summary {
    let trainer = &*progress.trainer;
    let evaluation = progress.last_evaluation.as_ref();
    let evaluated = evaluation.map(|e| e.global_step);
    let tasks = (0..trainer.tasks()).map(|task| {
        let used = trainer.usage(task);
        let whole = Usage::whole(trainer.plan());
        TaskSummary {
            name: progress.tasks[task].name.clone(),
            metric: Some(progress.metrics.of(task).name())
                .filter(|_| progress.metrics.common().is_none())
                .map(str::to_owned),
            group: progress.tasks[task].group.clone(),
            results: evaluation.map_or_else(BTreeMap::new, |e| results_of(e, task)),
            majority_class: match progress.metrics.of(task).name() {
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
        metric: progress.metrics.name().to_owned(),
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
