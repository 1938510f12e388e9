//! `omniglot eval`, and `best.safetensors` of a run that has a
//! validation split.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use crate::support::process::{signal, wait_for};
use crate::*;

/// Where the program resumes by itself.
const OWN: &str = "runs/omniglot-gumbel_matrix-seed1";

/// A run of a second or two that keeps all of its checkpoints. Its best results
/// come late.
const STEPS: [&str; 7] = [
    "--steps=24",
    "--eval-every=3",
    "--checkpoint-every=3",
    "--log-every=2",
    "--keep-checkpoints=100",
    "--learning-rate=3e-3",
    "--seed=1",
];

fn omniglot_eval(directory: &Path, arguments: &[&str]) -> Command {
    let arguments = [&["eval"], arguments].concat();
    command(env!("CARGO_BIN_EXE_omniglot"), directory, &arguments)
}

/// Mean accuracies of each split by step.
type Means = BTreeMap<u64, BTreeMap<String, f64>>;

/// Those that the training wrote.
fn trained(run: &Path) -> Means {
    means(&run.join("metrics.jsonl"))
}

/// The means in the lines of `file` that are evaluations.
fn means(file: &Path) -> Means {
    let text = fs::read_to_string(file).unwrap();
    let lines = text.lines().map(|l| serde_json::from_str(l).unwrap());
    let values = |v: &Value| {
        v.as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_f64().unwrap())
            .collect()
    };
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    lines
        .filter_map(|line: Value| {
            let means = line["results"].as_object()?.iter();
            let means = means.map(|(split, v)| (split.clone(), mean(values(v))));
            Some((line["global_step"].as_u64().unwrap(), means.collect()))
        })
        .collect()
}

/// The earliest step with the best mean validation accuracy.
fn best_step(means: &Means) -> u64 {
    let mut best = (0, f64::MIN);
    for (&step, means) in means {
        if means["validation"] > best.1 {
            best = (step, means["validation"]);
        }
    }
    best.0
}

fn file_name(step: u64) -> String {
    format!("step-{step:09}.safetensors")
}

/// Steps of the checkpoints that are there, in order.
fn checkpoints(run: &Path) -> Vec<u64> {
    let entries = fs::read_dir(run.join("checkpoints")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let number = |name: String| name.strip_prefix("step-")?.get(..9)?.parse().ok();
    let mut steps: Vec<u64> = names.filter_map(number).collect();
    steps.sort_unstable();
    steps
}

/// Steps in the table, in order; none twice.
fn evaluated(run: &Path) -> Vec<u64> {
    let table = fs::read_to_string(run.join("evaluations.jsonl")).unwrap();
    let lines = table.lines();
    let lines = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut steps: Vec<u64> = lines.map(|l| l["global_step"].as_u64().unwrap()).collect();
    steps.sort_unstable();
    steps
}

/// All files below a directory with their content and times.
fn snapshot(directory: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(snapshot(&path));
        } else {
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            let name = path.display().to_string();
            found.insert(name, (fs::read(&path).unwrap(), time));
        }
    }
    found
}

#[test]
fn an_evaluation_begun_before_a_run_that_is_stopped_and_gone_on_with_sees_all() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let mut eval = omniglot_eval(directory, &[OWN, "--idle=60", "--threads=1"]);
    let eval = eval.stdout(Stdio::piped()).stderr(Stdio::piped());
    let eval = eval.spawn().unwrap();

    let run = directory.join(OWN);
    let mut training = omniglot(directory, &STEPS);
    let mut training = training.stdout(Stdio::null()).spawn().unwrap();
    wait_for(&run.join("checkpoints").join(file_name(6)));
    signal(&training, "-INT");
    assert_eq!(training.wait().unwrap().code(), Some(130));
    let stopped = checkpoints(&run);
    assert!(*stopped.last().unwrap() < 48, "{stopped:?}");
    // The same command resumes it.
    succeed(omniglot(directory, &STEPS));

    let output = eval.wait_with_output().unwrap();
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_has(&said, &format!("waiting for a run in {OWN}, for "));
    assert!(!said.contains("warning"), "{said}");
    assert_eq!(evaluated(&run), checkpoints(&run));
    assert!(evaluated(&run).len() >= 8);

    // The results are those of the training, which never knew of it. The step at which
    // it was stopped has a checkpoint, too.
    let trained = trained(&run);
    let means = means(&run.join("evaluations.jsonl"));
    for (step, of_training) in &trained {
        assert_eq!(&means[step], of_training, "step {step}");
    }
    let best = best_step(&means);
    let percent = |split: &str| format!("{:.2} %", 100.0 * means[&best][split]);
    let table = text(&output.stdout);
    assert_has(
        &table,
        &format!(
            "best by mean validation accuracy: step {best} ({}), {}; its mean test accuracy: {}\n",
            file_name(best),
            percent("validation"),
            percent("test")
        ),
    );
    assert_has(&said, &format!("step {best}: mean accuracy train "));

    // The best state is kept as that step had it, and as a run that never
    // stopped has it.
    let whole = [&STEPS[..], &["--logdir=whole"]].concat();
    succeed(omniglot(directory, &whole));
    let read = |run: &Path, name: &str| fs::read(run.join("checkpoints").join(name)).unwrap();
    let kept = read(&run, "best.safetensors");
    assert!(kept == read(&run, &file_name(best_step(&trained))));
    assert!(kept == read(&directory.join("whole"), "best.safetensors"));

    // A third time there is nothing to do, and nothing is done.
    let before = snapshot(&run);
    let (out, _) = succeed(omniglot(directory, &STEPS));
    assert_eq!(
        out,
        format!("The run in {OWN} is finished; there is nothing to resume.\n")
    );
    assert!(snapshot(&run) == before);
    let (again, _) = succeed(omniglot_eval(directory, &[OWN, "--once"]));
    assert_eq!(again, table);
}

#[test]
fn it_ends_after_what_is_there_or_when_idle() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let few = ["--steps=4", "--checkpoint-every=2", "--logdir=run"];
    succeed(omniglot(directory, &few));
    // As one that was killed before its end.
    let run = directory.join("run");
    fs::remove_file(run.join("summary.json")).unwrap();
    fs::remove_file(run.join("checkpoints").join(file_name(8))).unwrap();
    fs::remove_file(run.join("checkpoints/best.safetensors")).unwrap();

    let (out, said) = succeed(omniglot_eval(directory, &["run", "--once"]));
    assert_eq!(evaluated(&run), [4]);
    assert_has(&out, &file_name(4));
    assert!(!said.contains("giving up"), "{said}");

    let begin = Instant::now();
    let (idle, said) = succeed(omniglot_eval(directory, &["run", "--idle=1"]));
    assert_has(&said, "No new checkpoint for 1 s: giving up.");
    assert!(begin.elapsed() >= Duration::from_secs(1));
    assert_eq!(idle, out);

    let output = omniglot_eval(directory, &["none", "--idle=0"]).output();
    assert_has(
        &refusal(&output.unwrap()),
        "no run in none after 0 s: giving up",
    );
}

#[test]
fn the_best_is_kept_though_the_training_takes_it_away() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let flags = [&STEPS[..], &["--logdir=run"]].concat();
    succeed(omniglot(directory, &flags));
    let run = directory.join("run");
    let eval = || succeed(omniglot_eval(directory, &["run", "--once"])).0;
    let table = eval();
    let best = best_step(&trained(&run));
    let kept = "run/checkpoints/evaluated-best.safetensors";
    let state = fs::read(run.join("checkpoints").join(file_name(best))).unwrap();
    assert!(fs::read(directory.join(kept)).unwrap() == state);

    for step in checkpoints(&run).iter().filter(|&&step| step <= best) {
        fs::remove_file(run.join("checkpoints").join(file_name(*step))).unwrap();
    }
    fs::remove_file(run.join("checkpoints/best.safetensors")).unwrap();
    let named = table.replace(&file_name(best), "evaluated-best.safetensors");
    assert_ne!(named, table);
    assert_eq!(eval(), named);

    let arguments = [
        "prune",
        "run",
        "--task=0",
        "--out=one",
        "--checkpoint",
        kept,
    ];
    let program = env!("CARGO_BIN_EXE_omniglot");
    let (out, _) = succeed(command(program, directory, &arguments));
    assert_has(&out, &format!(" (--task 0) alone, from {kept}\n"));

    // A new table knows of no best but those that are there.
    fs::remove_file(run.join("evaluations.jsonl")).unwrap();
    let again = eval();
    assert_has(&again, &format!("step {best} (evaluated-best.safetensors)"));
    let all = checkpoints(&run);
    let missing = format!(
        "{} of 8 earlier checkpoints are not in this table",
        7 - all.len()
    );
    assert_has(&again, &missing);
}

#[test]
fn the_run_of_another_experiment_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let arguments = ["--steps=2", "--train-examples=64", "--test-examples=32"];
    let arguments = [&arguments[..], &["--quiet", "--logdir=run"]].concat();
    succeed(command(
        env!("CARGO_BIN_EXE_synthetic"),
        directory,
        &arguments,
    ));
    let output = omniglot_eval(directory, &["run"]).output().unwrap();
    assert_has(
        &refusal(&output),
        "run holds a run of `synthetic`, but this is `omniglot`",
    );
    assert!(!directory.join("run/evaluations.jsonl").exists());
    let program = env!("CARGO_BIN_EXE_synthetic");
    let (out, _) = succeed(command(program, directory, &["eval", "run"]));
    assert_has(&out, "the last: step 16 (step-000000016.safetensors), ");
}
