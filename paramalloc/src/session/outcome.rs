//! What a run leaves at its end: `summary.json` and the parameters.

use std::collections::BTreeMap;

use paramalloc_core::metric::{Accuracy, Goal, Metric, RocAuc};
use paramalloc_core::summary::{
    CONFUSION, EvaluationMetric, FORMAT, FileContent, MIXED, RoutedLayerSummary, Summary,
    TaskSummary, read_whole,
};
use paramalloc_core::train::{Trainer, Usage};

use crate::error::{CheckpointError, Error};
use crate::run_dir::checkpoints::BEST;
use crate::run_dir::directory::RunDir;
use crate::run_dir::files::{BEST_PARAMETERS, CHECKPOINTS, PARAMETERS, SUMMARY};
use crate::run_dir::parameters;
use crate::session::confusion::confusion;
use crate::session::progress::Progress;
use crate::session::state::SessionState;

/// A task has learned something whose area under the ROC curve is more on some split;
/// of a network that says the same for every example it is 0.5.
const RANKS: f64 = 0.6;

/// Writes the summary, the parameters and the manifest of a run as it stands.
/// It is `finished` if all else that belongs to it was written before: a run
/// that is told to be finished is never resumed. Of a run that takes the best
/// parameters the summary is then of these, which the trainer has afterwards.
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
    run.begin_anew(&[PARAMETERS, BEST_PARAMETERS, CONFUSION, SUMMARY], metrics)?;
    let parameters = parameters::to_bytes(&progress.trainer.parameters())?;
    run.write(PARAMETERS, &parameters)?;
    if finished && progress.config.settings.takes_best() {
        take_best(progress, run)?;
    }
    // Only at the end: a run that is interrupted ends at once.
    if finished {
        write_confusion(progress, run)?;
    }
    let summary = summary(progress, global_step, finished)?;
    run.write_json(SUMMARY, &summary)?;
    run.write_manifest(metrics)?;
    Ok(summary)
}

/// Writes what the tasks take for what, by the parameters that the run reports.
fn write_confusion(progress: &mut Progress<'_>, run: &RunDir) -> Result<(), Error> {
    let Some(evaluation) = &progress.last_evaluation else {
        return Ok(());
    };
    let step = evaluation.global_step;
    match confusion(progress.trainer, progress.tasks, step)? {
        None => run.remove(CONFUSION),
        Some(confusion) => {
            let bytes = confusion.to_bytes();
            let path = run.path.join(CONFUSION);
            run.write(CONFUSION, &bytes.map_err(Error::save(&path))?)
        }
    }
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
    let bytes = read_whole(&path).map_err(|source| unusable(CheckpointError::Read(source)))?;
    let restored = progress.trainer.restore_parameters::<SessionState>(&bytes);
    let state = restored.map_err(|source| unusable(CheckpointError::OtherNetwork(source)))?;
    progress.last_evaluation = state.progress.last_evaluation;
    let parameters = parameters::to_bytes(&progress.trainer.parameters())?;
    run.write(BEST_PARAMETERS, &parameters)
}

fn summary(
    progress: &mut Progress<'_>,
    global_step: u64,
    finished: bool,
) -> Result<Summary, Error> {
    let guesses = (0..progress.tasks.len()).map(|task| guess(progress, task));
    let mut guesses = guesses.collect::<Result<Vec<_>, _>>()?;
    let trainer = &*progress.trainer;
    let evaluation = progress.last_evaluation.as_ref();
    let evaluated = evaluation.map(|e| e.global_step);
    let tasks = (0..trainer.tasks()).map(|task| {
        let used = trainer.usage(task);
        let whole = Usage::whole(trainer.plan());
        TaskSummary {
            name: progress.tasks[task].name.clone(),
            metric: None,
            group: progress.tasks[task].group.clone(),
            results: evaluation.map_or_else(BTreeMap::new, |e| results_of(e, task)),
            guess: std::mem::take(&mut guesses[task]),
            parameter_share: share(used.parameters, whole.parameters),
            multiply_add_share: share(used.multiply_adds, whole.multiply_adds),
        }
    });
    let mut summary = Summary {
        format: FORMAT,
        experiment: progress.config.experiment.clone(),
        method: progress.config.settings.router.method.to_string(),
        seed: progress.config.settings.seed,
        global_step,
        total_task_steps: trainer.total_task_steps(),
        finished,
        results_step: evaluated.filter(|&step| step != global_step),
        data: progress.config.data_identity.clone(),
        metric: String::new(),
        tasks: tasks.collect(),
        routed_layers: routed_layers(trainer),
    };
    let metrics = progress.metrics.names().metrics();
    summary.name_metrics(&metrics);
    if progress.metrics.common().is_none() && !summary.is_mixed() {
        // Errors in different units have no mean either.
        summary.metric = MIXED.to_owned();
        let tasks = summary.tasks.iter_mut().zip(metrics);
        tasks.for_each(|(task, metric)| task.metric = Some(metric));
    }
    Ok(summary)
}

fn results_of(evaluation: &EvaluationMetric, task: usize) -> BTreeMap<String, f64> {
    let splits = evaluation.results.iter();
    splits
        .filter_map(|(split, values)| Some((split.clone(), *values.get(task)?)))
        .filter(|(_, value)| !value.is_nan())
        .collect()
}

/// What a task's results are compared with; nothing where its metric has no guess, and
/// of a task whose accuracy is no better although it has learned: of rare classes the
/// most likely one may always be another.
fn guess(progress: &mut Progress<'_>, index: usize) -> Result<BTreeMap<String, f64>, Error> {
    let metric = progress.metrics.of(index);
    if metric.goal() == Goal::Minimize {
        return Ok(BTreeMap::new());
    }
    let task = &progress.tasks[index];
    let splits = task.evaluation.iter();
    let guesses: BTreeMap<String, f64> = splits
        .filter_map(|(split, set)| Some((split.clone(), metric.guess(set.targets())?)))
        .collect();
    if metric.name() != Accuracy.name() {
        return Ok(guesses);
    }
    let results = progress.last_evaluation.as_ref();
    let results = results.map_or_else(BTreeMap::new, |e| results_of(e, index));
    let is_better = |(split, share): (&String, &f64)| results.get(split) > Some(share);
    if guesses.is_empty() || results.is_empty() || guesses.iter().any(is_better) {
        return Ok(guesses);
    }
    for (split, set) in &task.evaluation {
        let evaluated = progress.trainer.evaluate_by(index, set, &RocAuc);
        let evaluated = evaluated.map_err(|source| Error::Evaluation {
            task: task.name.clone(),
            split: split.clone(),
            source,
        })?;
        if evaluated.metric.is_some_and(|area| area > RANKS) {
            return Ok(BTreeMap::new());
        }
    }
    Ok(guesses)
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
            router_of: trainer.routers().layers[index].router_of.clone(),
            components: field.components.iter().map(|c| c.name.clone()).collect(),
            probabilities: trainer.routers().probabilities(index),
            allocation: trainer.routers().allocation(index),
            gated: field.gate.is_some(),
        })
        .collect()
}
