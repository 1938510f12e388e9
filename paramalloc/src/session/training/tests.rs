use std::fs;
use std::path::Path;

use paramalloc_core::data::Task;
use paramalloc_core::metric::Accuracy;
use paramalloc_core::network::Multitask;
use paramalloc_core::random::Random;
use paramalloc_core::summary::Metric;
use paramalloc_core::train::{JointSampler, Sampler, Trainer};
use paramalloc_data::generated_digits;

use super::*;
use crate::display;
use crate::results::{VALIDATION, mean_result};
use crate::run_dir::checkpoints::BEST;
use crate::run_dir::directory::RunDir;
use crate::run_dir::files::{CHECKPOINTS, METRICS};
use crate::session::pace::Pace;
use crate::settings::resolved::Resolved;
use crate::settings::{Batches, Settings};
use crate::task_metrics::TaskMetrics;
use crate::testing::{self, DigitsNet};

/// Four tasks with a validation split.
fn tasks() -> Vec<Task> {
    let examples = |seed| generated_digits(48, seed).into_examples().unwrap();
    let task = |task: u64| {
        Task::new(format!("task {task}"), 10, examples(task)).evaluated_on(VALIDATION, examples(7))
    };
    (0..4).map(task).collect()
}

/// The same, all on the inputs of the first.
fn tasks_on_the_same_inputs() -> Vec<Task> {
    let mut tasks = tasks();
    let train = tasks[0].train.clone();
    tasks.iter_mut().for_each(|task| task.train = train.clone());
    tasks
}

/// Trains in `run`, from `checkpoint` if there is one.
fn train(run: &Path, tasks: &[Task], checkpoint: Option<&[u8]>) {
    with_session(run, tasks, checkpoint, |session| {
        assert_eq!(session.train().unwrap(), End::Finished);
    });
}

fn with_session(
    run: &Path,
    tasks: &[Task],
    checkpoint: Option<&[u8]>,
    act: impl FnOnce(&mut Session<'_>),
) {
    let is_joint = JointSampler::inputs(tasks).is_some();
    let settings = Settings {
        batches: is_joint.then_some(Batches::Joint),
        steps: Some(30),
        eval_every: Some(2),
        log_every: Some(7),
        checkpoint_every: Some(12),
        ..testing::settings()
    };
    let resolved: Resolved = settings.resolve(tasks);
    let mut trainer = Trainer::new(&DigitsNet::NETWORK, &resolved.train(), &[10; 4], 1).unwrap();
    let stored: Option<SessionState> = checkpoint.map(|bytes| trainer.restore(bytes).unwrap());
    let step = trainer.global_step();
    let (metrics, stored) = match stored {
        Some(stored) => (stored.metrics.bytes, stored.progress),
        None => (0, StoredProgress::new(tasks.len())),
    };
    let directory = RunDir::reclaim(run).unwrap();
    let keep = resolved.settings.keep_checkpoints;
    let outputs = Outputs {
        metrics: JsonLines::open(
            &run.join(METRICS),
            metrics,
            (resolved.schedule(), tasks.len()),
        )
        .unwrap(),
        loggers: Vec::new(),
        checkpoints: Checkpoints::new(&directory, keep, (stored.best, stored.since_best), step)
            .unwrap(),
        display: display::choose(true),
    };
    let config = testing::config(&resolved.settings);
    let names: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
    let metrics = TaskMetrics::all(&names, Accuracy);
    let progress = Progress {
        config: &config,
        tasks,
        metrics: &metrics,
        trainer: &mut trainer,
        last_evaluation: stored.last_evaluation,
        pace: Pace::start(step, 1, 0.0),
        recent_loss: stored.recent_loss,
    };
    act(&mut Session::new(
        progress,
        resolved.schedule(),
        stored.sums,
        outputs,
    ));
}

#[test]
fn the_best_checkpoint_is_that_of_the_best_validation_result() {
    let run = tempfile::tempdir().unwrap();
    let run = run.path();
    let tasks = tasks();
    train(run, &tasks, None);
    let metrics = fs::read(run.join(METRICS)).unwrap();
    let mut best: Option<(u64, f64)> = None;
    for line in metrics
        .split(|&byte| byte == b'\n')
        .filter(|l| !l.is_empty())
    {
        if let Metric::Evaluation(line) = serde_json::from_slice(line).unwrap() {
            let mean = mean_result(&line, VALIDATION).unwrap();
            if best.is_none_or(|(_, value)| mean > value) {
                best = Some((line.global_step, mean));
            }
        }
    }
    let bytes = fs::read(run.join(CHECKPOINTS).join(BEST)).unwrap();
    let (step, stored) =
        paramalloc_core::train::checkpoint::read_extra::<SessionState>(&bytes).unwrap();
    assert_eq!((step, stored.progress.best.unwrap()), best.unwrap());
    assert!(step < 120, "the best is not simply the last: {step}");

    // It is a whole checkpoint: the run resumes from it as it was.
    train(run, &tasks, Some(&bytes));
    assert_eq!(fs::read(run.join(METRICS)).unwrap(), metrics);
    let again = fs::read(run.join(CHECKPOINTS).join(BEST)).unwrap();
    assert!(again == bytes);
}

#[test]
fn a_run_on_joint_batches_resumes_as_it_was() {
    let run = tempfile::tempdir().unwrap();
    let run = run.path();
    let tasks = tasks_on_the_same_inputs();
    train(run, &tasks, None);
    let file = |step: u64| {
        let name = format!("step-{step:09}.safetensors");
        run.join(CHECKPOINTS).join(name)
    };
    let metrics = fs::read(run.join(METRICS)).unwrap();
    // After twelve rounds of four task steps.
    let middle = fs::read(file(48)).unwrap();
    let last = fs::read(file(120)).unwrap();
    fs::remove_file(file(120)).unwrap();
    train(run, &tasks, Some(&middle));
    assert_eq!(fs::read(run.join(METRICS)).unwrap(), metrics);
    assert!(fs::read(file(120)).unwrap() == last);
}

#[test]
fn a_stopped_run_is_evaluated_where_that_is_quick_and_new() {
    let run = tempfile::tempdir().unwrap();
    let tasks = tasks();
    with_session(run.path(), &tasks, None, |session| {
        assert!(!session.is_worth_evaluating(), "nobody knows how long");
        session.evaluate().unwrap();
        assert!(!session.is_worth_evaluating(), "it was done");
        let mut sampler = Sampler::new(Random::new(0), 16);
        let batch = sampler.batch(0, &tasks[0], 0, 28 * 28);
        let trainer = &mut session.progress.trainer;
        let step = trainer.task_step(0, &batch.inputs, batch.targets());
        step.unwrap();
        assert!(session.is_worth_evaluating());
        session.progress.pace.last_evaluation = Some(QUICK * 2);
        assert!(!session.is_worth_evaluating(), "it takes long");
    });
    // After the last step the process that resumes does it.
    with_session(run.path(), &tasks, None, |session| {
        session.train().unwrap();
        session.progress.last_evaluation = None;
        assert!(!session.is_worth_evaluating());
    });
}
