//! The program `mnist` as a user runs it, on generated digits.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use paramalloc_core::summary::{Metric, Summary};
use safetensors::SafeTensors;
use serde_json::Value;

/// A look of a second.
const QUICK: [&str; 8] = [
    "--data=generated",
    "--train-examples=96",
    "--test-examples=40",
    "--steps=12",
    "--eval-every=5",
    "--log-every=4",
    "--quiet",
    "--threads=1",
];

fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mnist"));
    command.current_dir(directory).args(arguments);
    command.env_remove("PARAMALLOC_DATA");
    command
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    command(directory, arguments).output().unwrap()
}

/// A quick run that must succeed, into `logdir`; returns its report.
fn quick(directory: &Path, logdir: &str, arguments: &[&str]) -> String {
    let logdir = format!("--logdir={logdir}");
    let output = run(directory, &[&QUICK[..], &[&logdir], arguments].concat());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    assert_eq!(errors, "", "--quiet");
    String::from_utf8(output.stdout).unwrap()
}

fn summary(run: &Path) -> Summary {
    let json = fs::read_to_string(run.join("summary.json")).unwrap();
    serde_json::from_str(&json).unwrap()
}

fn config(run: &Path) -> Value {
    serde_json::from_slice(&fs::read(run.join("config.json")).unwrap()).unwrap()
}

fn metrics(run: &Path) -> Vec<Metric> {
    let text = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    let lines = text.lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// What the README promises where MNIST cannot be had: with the default seed
/// every task learns.
#[test]
fn the_first_command_of_the_readme_learns_on_generated_digits() {
    let directory = tempfile::tempdir().unwrap();
    let budget = ["--budget=0.75", "--budget-penalty=1.0"];
    // `drawn` is what version 0.1 called it.
    let short = ["--data=drawn", "--steps=1000", "--eval-every=0"];
    let arguments = [&budget[..], &short, &["--quiet", "--logdir=run"]].concat();
    let output = run(directory.path(), &arguments);
    assert!(output.status.success());
    for task in summary(&directory.path().join("run")).tasks {
        let majority = task.guess["test"];
        // Ten classes, of which none is much more frequent than the others.
        assert!((0.1..0.12).contains(&majority), "{majority}");
        assert!(
            task.results["test"] > 0.7,
            "{}: {:?}",
            task.name,
            task.results
        );
    }
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(!report.contains("nothing was learnt"), "{report}");
}

/// The one sentence of a refusal.
fn refusal(output: &Output, status: i32) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{text}");
    assert!(text.starts_with("error: "), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

fn same_file(one: &Path, other: &Path, name: &str) -> bool {
    fs::read(one.join(name)).unwrap() == fs::read(other.join(name)).unwrap()
}

fn assert_has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in\n{text}");
}

#[test]
fn a_run_leaves_its_directory_and_a_report() {
    let directory = tempfile::tempdir().unwrap();
    let report = quick(directory.path(), "here", &[]);
    let run = directory.path().join("here");

    let summary = summary(&run);
    assert!(summary.finished);
    assert_eq!((summary.global_step, summary.total_task_steps), (48, 48));
    assert_eq!(summary.method, "gumbel_matrix");
    assert_eq!(summary.metric, "accuracy");
    assert!(!summary.data.real);
    assert_eq!(summary.tasks.len(), 4);
    assert_eq!(summary.results_step, None);
    for task in &summary.tasks {
        assert!(task.results.keys().eq(["test", "train"]));
    }
    let layers: Vec<_> = summary.routed_layers.iter().map(|l| &l.name).collect();
    assert_eq!(layers, ["conv1", "conv2", "conv3"]);

    let steps = metrics(&run).into_iter().map(|metric| match metric {
        Metric::Train(line) => (line.global_step, "train"),
        Metric::Evaluation(line) => (line.global_step, "evaluation"),
    });
    let expected = [
        (16, "train"),
        (20, "evaluation"),
        (32, "train"),
        (40, "evaluation"),
        (48, "train"),
        (48, "evaluation"),
    ];
    assert!(steps.eq(expected));

    let bytes = fs::read(run.join("parameters.safetensors")).unwrap();
    let parameters = SafeTensors::deserialize(&bytes).unwrap();
    let shape = |name: &str| parameters.tensor(name).unwrap().shape().to_vec();
    assert_eq!(shape("conv1.0.0.weight"), [4, 1, 5, 5]);
    assert_eq!(shape("conv2.router.logits"), [4, 4, 2]);
    assert_eq!(shape("head.3.bias"), [10]);

    let config = config(&run);
    assert_eq!(config["experiment"], "mnist");
    assert_eq!(config["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(config["data_identity"]["real"], false);
    assert_eq!(config["steps"], 12);
    assert_eq!(config["learning_rate"], 5e-3);

    assert_has(&report, "MNIST-Rot-2");
    assert_has(&report, "mean");
    assert_has(&report, "allocation");
    assert_has(&report, "NOT published data");
    assert_has(&report, "\nrun    here\n");
    let plot = "\nplot   cargo run -p paramalloc-cli -- plot here\n";
    assert_has(&report, plot);
}

#[test]
fn the_seed_alone_decides_the_result() {
    let directory = tempfile::tempdir().unwrap();
    quick(directory.path(), "a", &["--seed=3"]);
    let two_threads = [&QUICK[..7], &["--threads=2", "--seed=3", "--logdir=b"]].concat();
    assert!(run(directory.path(), &two_threads).status.success());
    quick(directory.path(), "c", &["--seed=4"]);
    let [a, b, c] = ["a", "b", "c"].map(|name| directory.path().join(name));
    for file in ["metrics.jsonl", "parameters.safetensors", "summary.json"] {
        assert!(same_file(&a, &b, file), "{file}");
        assert!(!same_file(&a, &c, file), "{file}");
    }
}

#[test]
fn the_config_of_a_run_repeats_it_and_flags_come_first() {
    let directory = tempfile::tempdir().unwrap();
    let file = "seed = 5\n\
                steps = 40\n\
                learning_rate = 0.0123\n\
                [penalties]\n\
                budget = 0.3\n\
                budget_penalty = 0.7\n\
                [router.fields.conv1]\n\
                probs_init = 0.9\n";
    fs::write(directory.path().join("mine.toml"), file).unwrap();
    let arguments = ["--config=mine.toml", "--batch-size=7"];
    quick(directory.path(), "first", &arguments);
    let repeat = ["--config=first/config.json", "--logdir=second"];
    assert!(run(directory.path(), &repeat).status.success());
    let [first, second] = ["first", "second"].map(|name| directory.path().join(name));
    for file in ["config.json", "metrics.jsonl", "parameters.safetensors"] {
        assert!(same_file(&first, &second, file), "{file}");
    }
    let config = config(&first);
    assert_eq!(config["seed"], 5);
    assert_eq!(config["steps"], 12, "the flag comes before the file");
    assert_eq!(config["learning_rate"], 0.0123);
    assert_eq!(config["router"]["fields"]["conv1"]["probs_init"], 0.9);
    let Metric::Train(line) = &metrics(&first)[0] else {
        panic!("the first line is a train line");
    };
    assert!(line.probabilities["conv1"][0][0] > 0.8);
    assert!(line.probabilities["conv2"][0][0] < 0.6);
}

#[test]
fn underscores_do_as_well_as_dashes() {
    let directory = tempfile::tempdir().unwrap();
    let flags = [
        "--budget_penalty=1.5",
        "--entropy_penalty",
        "0.25",
        "--entropy_penalty_alpha=2",
        "--probs_init=0.75",
        "--router_learning_rate=0.5",
        "--temperature_min=0.1",
        "--clip_norm=3",
        "--batch_size=5",
    ];
    quick(directory.path(), "run", &flags);
    let config = config(&directory.path().join("run"));
    assert_eq!(config["penalties"]["budget_penalty"], 1.5);
    assert_eq!(config["penalties"]["entropy_penalty"], 0.25);
    assert_eq!(config["penalties"]["entropy_penalty_alpha"], 2.0);
    assert_eq!(config["router"]["probs_init"], 0.75);
    assert_eq!(config["router"]["temperature_min"], 0.1);
    assert_eq!(config["router_learning_rate"], 0.5);
    assert_eq!(config["clip_norm"], 3.0);
    assert_eq!(config["batch_size"], 5);
}

#[test]
fn the_fixed_methods_run() {
    let directory = tempfile::tempdir().unwrap();
    for (method, row) in [("no_sharing", [0, 1, 0, 0]), ("shared_bottom", [1; 4])] {
        quick(directory.path(), method, &[&format!("--method={method}")]);
        let summary = summary(&directory.path().join(method));
        assert_eq!(summary.method, method);
        for layer in &summary.routed_layers {
            assert_eq!(layer.allocation[1], row);
        }
        let share = f64::from(row.iter().sum::<u8>()) / 4.0;
        assert_eq!(summary.tasks[1].parameter_share, share);
    }
}

#[test]
fn epochs_count_passes_over_the_examples() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = [
        "--data=generated",
        "--train-examples=96",
        "--test-examples=8",
        "--epochs=2",
        "--logdir=run",
    ];
    let output = run(directory.path(), &arguments);
    assert!(output.status.success());
    let run = directory.path().join("run");
    // 2 * 96 / 16 steps for each of 4 tasks, evaluated after each epoch.
    assert_eq!(summary(&run).global_step, 48);
    let evaluations = metrics(&run).into_iter();
    let evaluations = evaluations.filter(|m| matches!(m, Metric::Evaluation(_)));
    assert_eq!(evaluations.count(), 2);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_has(&said, "NOT MNIST");
    assert_has(&said, "step 48 of 48, test accuracy");
}

#[test]
fn a_directory_with_a_run_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    quick(directory.path(), "mine", &[]);
    let kept = directory.path().join("mine/summary.json");
    let before = fs::read(&kept).unwrap();
    let sentence = refusal(&run(directory.path(), &["--logdir=mine"]), 1);
    assert_has(
        &sentence,
        "mine already holds a run; give another --logdir, or resume that run: ",
    );
    assert_eq!(fs::read(&kept).unwrap(), before);

    fs::write(directory.path().join("file"), "").unwrap();
    let sentence = refusal(&run(directory.path(), &["--logdir=file"]), 1);
    assert_has(&sentence, "--logdir file is a file");
    let below = [&QUICK[..], &["--logdir=file/below"]].concat();
    let sentence = refusal(&run(directory.path(), &below), 1);
    assert_has(&sentence, "cannot make the directory file/below");
}

#[test]
fn fresh_directories_are_numbered() {
    let directory = tempfile::tempdir().unwrap();
    for number in ["001", "002"] {
        let output = run(directory.path(), &QUICK);
        let report = String::from_utf8(output.stdout).unwrap();
        let name = format!("runs/mnist-gumbel_matrix-seed0-{number}");
        assert_has(&report, &format!("run    {name}\n"));
        assert!(summary(&directory.path().join(name)).finished);
    }
}

#[test]
fn a_loss_that_is_not_finite_ends_the_run_and_keeps_what_there_is() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = [&QUICK[..], &["--learning-rate=1e30", "--logdir=run"]].concat();
    let sentence = refusal(&run(directory.path(), &arguments), 1);
    assert_has(&sentence, "error: MNIST");
    assert_has(&sentence, "try a lower learning rate");
    let run = directory.path().join("run");
    let summary = summary(&run);
    assert!(!summary.finished);
    assert!(summary.global_step < summary.total_task_steps);
    assert_eq!(config(&run)["learning_rate"], 1e30);
    metrics(&run);
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_is_saved() {
    for signal in ["-INT", "-TERM"] {
        let directory = tempfile::tempdir().unwrap();
        let mut arguments = QUICK.to_vec();
        arguments[3] = "--steps=100000000";
        arguments.push("--logdir=run");
        let mut command = command(directory.path(), &arguments);
        let child = command
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let run = directory.path().join("run");
        wait_for_metrics(&run);
        let mut kill = Command::new("kill");
        kill.args([signal, &child.id().to_string()]);
        assert!(kill.status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));

        let summary = summary(&run);
        assert!(!summary.finished);
        assert!(summary.global_step > 0);
        assert_eq!(summary.results_step, None, "it is evaluated once more");
        let metrics = metrics(&run).into_iter().rev();
        let mut evaluations = metrics.filter_map(|metric| match metric {
            Metric::Evaluation(line) => Some(line),
            Metric::Train(_) => None,
        });
        let last = evaluations.next().unwrap();
        assert_eq!(last.global_step, summary.global_step);
        assert_eq!(last.results["test"][0], summary.tasks[0].results["test"]);
        let bytes = fs::read(run.join("parameters.safetensors")).unwrap();
        assert!(SafeTensors::deserialize(&bytes).is_ok());
        let report = String::from_utf8(output.stdout).unwrap();
        assert_has(&report, "Interrupted");
    }
}

#[cfg(unix)]
fn wait_for_metrics(run: &Path) {
    use std::time::{Duration, Instant};

    let limit = Instant::now() + Duration::from_secs(60);
    while fs::read(run.join("metrics.jsonl")).map_or(0, |m| m.len()) < 1000 {
        assert!(Instant::now() < limit, "the run does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_ends_the_run_with_whole_lines() {
    let directory = tempfile::tempdir().unwrap();
    // No file may grow over 8 blocks of 512 bytes, as on a full disk.
    let script = format!(
        "trap '' XFSZ; ulimit -f 8; exec {} {} --log-every=1 --checkpoint-every=0 --logdir=run",
        env!("CARGO_BIN_EXE_mnist"),
        QUICK.join(" ").replace("--log-every=4", "")
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(directory.path());
    let sentence = refusal(&shell.output().unwrap(), 1);
    assert_has(&sentence, "cannot write run/metrics.jsonl");
    let run = directory.path().join("run");
    assert!(!metrics(&run).is_empty());
    for entry in fs::read_dir(&run).unwrap() {
        let path = entry.unwrap().path();
        assert_ne!(path.extension().unwrap_or_default(), "tmp");
    }
}
