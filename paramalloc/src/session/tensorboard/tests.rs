use std::path::PathBuf;

use super::*;

fn train(global_step: u64) -> TrainMetric {
    TrainMetric {
        global_step,
        task_loss: vec![Some(0.5), None],
        auxiliary_loss: 0.0,
        entropy: 0.25,
        temperature: 2.0,
        probabilities: BTreeMap::from([("conv".to_owned(), vec![vec![0.5, 1.0]; 2])]),
    }
}

fn evaluation(global_step: u64) -> EvaluationMetric {
    EvaluationMetric {
        global_step,
        results: BTreeMap::from([("test".to_owned(), vec![0.75, f64::NAN])]),
        ..EvaluationMetric::default()
    }
}

fn open(run: &Path, step: u64) -> TensorBoard {
    let tasks = vec!["a".to_owned(), "b".to_owned()];
    TensorBoard::open(run, tasks, &Settings::default(), step).unwrap()
}

fn checkpoint(board: &mut TensorBoard, step: u64) {
    let path = PathBuf::new();
    let path = path.as_path();
    board.log(&Event::Checkpoint { step, path }).unwrap();
}

/// All events of a run's file.
fn events(run: &Path) -> Vec<Record> {
    let found = std::cell::RefCell::new(Vec::new());
    let path = run.join(DIRECTORY).join(FILE);
    let copy = run.join("copy");
    fs::copy(path, &copy).unwrap();
    EventFile::open(&copy, |event| {
        found.borrow_mut().push(event.clone());
        true
    })
    .unwrap();
    found.into_inner()
}

/// The tags of each step with values.
fn shown(run: &Path) -> Vec<(i64, Vec<String>)> {
    let events = events(run).into_iter();
    let with = events.filter_map(|event| Some((event.step, event.summary?)));
    let tags = |summary: Summary| summary.value.into_iter().map(|value| value.tag).collect();
    with.map(|(step, summary)| (step, tags(summary))).collect()
}

#[test]
fn lines_become_values() {
    let run = tempfile::tempdir().unwrap();
    let mut board = open(run.path(), 0);
    board.log(&Event::Train(&train(2))).unwrap();
    board.log(&Event::Evaluation(&evaluation(4))).unwrap();
    let shown = shown(run.path());
    assert_eq!(shown[0].1, ["_hparams_/session_start_info"]);
    let others = ["train/auxiliary_loss", "train/entropy", "train/temperature"];
    let tags = [&["loss/a"], others.as_slice(), &["allocation/conv"]].concat();
    assert_eq!(shown[1].0, 2);
    assert_eq!(shown[1].1, tags);
    assert_eq!(shown[2].0, 4);
    assert_eq!(shown[2].1, ["test/a"]);
}

#[test]
fn a_run_that_resumes_repeats_no_step() {
    let run = tempfile::tempdir().unwrap();
    let mut board = open(run.path(), 0);
    for step in [2, 4] {
        board.log(&Event::Train(&train(step))).unwrap();
    }
    checkpoint(&mut board, 4);
    for step in [4, 6, 8] {
        board.log(&Event::Train(&train(step))).unwrap();
    }
    drop(board);
    let mut board = open(run.path(), 4);
    for step in [6, 8] {
        board.log(&Event::Train(&train(step))).unwrap();
    }
    let steps: Vec<i64> = shown(run.path())
        .into_iter()
        .map(|(step, _)| step)
        .collect();
    assert_eq!(steps, [0, 2, 4, 6, 8]);
    // A checkpoint that left no mark: the file begins anew.
    let _ = open(run.path(), 5);
    assert_eq!(shown(run.path()).len(), 1);
}

#[test]
fn settings_are_hparams() {
    let run = tempfile::tempdir().unwrap();
    let _ = open(run.path(), 0);
    let events = events(run.path());
    let value = &events[1].summary.as_ref().unwrap().value[0];
    let plugin = value.metadata.as_ref().unwrap().plugin.as_ref().unwrap();
    let content = HParams::decode(plugin.content.as_slice()).unwrap();
    let hparams = content.start.unwrap().hparams;
    let kind = |name: &str| hparams[name].kind.clone().unwrap();
    assert_eq!(kind("batch_size"), SettingKind::Number(16.0));
    assert_eq!(
        kind("router.method"),
        SettingKind::Text("gumbel_matrix".to_owned())
    );
}
