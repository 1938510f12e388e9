//! What the program `mnist` refuses, and how it says so; its help.

use std::path::Path;
use std::process::{Command, Output};

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mnist"));
    command.current_dir(directory).args(arguments);
    command.output().unwrap()
}

/// The one sentence of a refusal and the exit status.
fn refusal(output: &Output) -> (String, Option<i32>) {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(text.starts_with("error: "), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    (text, output.status.code())
}

fn assert_has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in\n{text}");
}

#[test]
fn what_is_wrong_on_the_command_line_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let cases = [
        ("--budget=1.5", "--budget = 1.5 must be from 0 to 1"),
        (
            "--budget=0.5",
            "--budget = 0.5 has no effect while the weight of its penalty is 0",
        ),
        ("--budget_penalty -1", "--budget-penalty = -1 must be"),
        ("--probs-init=1", "--probs-init = 1 must be above 0"),
        ("--temperature-min=0", "--temperature-min = 0 must be"),
        ("--learning-rate=-0.1", "--learning-rate = -0.1 must be"),
        ("--clip-norm=0", "--clip-norm = 0 must be"),
        ("--l2-penalty=nan", "it must be a finite number"),
        ("--batch-size=0", "--batch-size = 0 must be from 1 to 65536"),
        ("--steps=0", "--steps = 0 must be from 1"),
        ("--epochs=0", "--epochs = 0 must be from 1"),
        ("--threads=0", "--threads = 0 must be from 1 to 1024"),
        ("--log-every=0", "--log-every = 0 must be at least 1"),
        ("--steps=1 --epochs=1", "cannot be used with"),
        (
            "--freeze=conv9",
            "--freeze names `conv9`, but nothing of `MnistNet` lies there; its fields are conv1, pool1",
        ),
        (
            "--learning-rates=conv1.router=0",
            "learning_rates.conv1.router = 0 must be a finite number above 0",
        ),
        (
            "--learning-rates=conv1",
            "it must be PATH=LR, as in conv1=0.01",
        ),
        ("--method=magic", "choose no_sharing, shared_bottom or"),
        ("--epoch=1", "a similar argument exists: '--epochs'"),
        ("--seed=-1", "invalid value '-1' for '--seed <N>'"),
        ("--train-examples=0", "for '--train-examples <N>'"),
        ("here", "unrecognized subcommand 'here'"),
    ];
    for (arguments, part) in cases {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let (sentence, status) = refusal(&run(directory.path(), &arguments));
        assert_has(&sentence, part);
        assert_eq!(status, Some(2), "{sentence}");
    }
    let made = std::fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(made, 0, "nothing is made before the settings are checked");
}

#[test]
fn what_is_wrong_in_a_config_file_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let cases = [
        ("\nseed = \n", "mine.toml: line 2: "),
        (
            "[router]\nprobs_inti = 0.5\n",
            "`router.probs_inti`: unknown",
        ),
        (
            "[router]\nprobs_inti = 0.5\n",
            "one of `method`, `probs_init`",
        ),
        ("budget = 0.5\n", "write it under [penalties]"),
        ("[penalties]\nbudget = 'x'\n", "`penalties.budget`: invalid"),
        ("epochs = 1\nsteps = 1\n", "gives both `epochs` and `steps`"),
        ("batch_size = 0\n", "batch_size = 0 must be from 1 to 65536"),
        (
            "experiment = 'omniglot'\n",
            "is of the experiment `omniglot`",
        ),
        ("[router.fields.conv9]\nprobs_init = 0.5\n", "`conv9`"),
    ];
    for (text, part) in cases {
        std::fs::write(directory.path().join("mine.toml"), text).unwrap();
        let output = run(directory.path(), &["--config=mine.toml"]);
        let (sentence, status) = refusal(&output);
        assert_has(&sentence, part);
        assert_eq!(status, Some(2), "{sentence}");
    }
    let output = run(directory.path(), &["--config=absent.toml"]);
    let (sentence, status) = refusal(&output);
    assert_has(&sentence, "cannot read the config file absent.toml");
    assert_eq!(status, Some(1));
}

/// Neither ends: a device goes on for ever, and a pipe waits for a writer.
#[cfg(target_os = "linux")]
#[test]
fn what_never_ends_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let output = run(directory.path(), &["--config=/dev/zero"]);
    let (sentence, status) = refusal(&output);
    assert_has(
        &sentence,
        "cannot read the config file /dev/zero: it has more",
    );
    assert_eq!(status, Some(1));
    let trained = [
        "--data=generated",
        "--train-examples=32",
        "--test-examples=8",
        "--steps=1",
        "--quiet",
        "--logdir=run",
    ];
    assert!(run(directory.path(), &trained).status.success());
    let pipe = directory.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|status| status.success()) {
        let prune = [
            "prune",
            "run",
            "--task=0",
            "--out=alone",
            "--checkpoint=pipe",
        ];
        let (sentence, _) = refusal(&run(directory.path(), &prune));
        assert_has(&sentence, "pipe: cannot read it: it is no regular file");
        std::fs::rename(&pipe, directory.path().join("run/summary.json")).unwrap();
        let output = run(directory.path(), &["resume", "run"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        assert_has(&said, "summary.json`: it is no regular file");
    }
}

#[test]
fn help_is_grouped_and_shows_the_defaults() {
    let directory = tempfile::tempdir().unwrap();
    let output = run(directory.path(), &["--help"]);
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for group in ["Routing", "Penalties", "Training", "Data", "Output"] {
        assert_has(&help, &format!("\n{group}:\n"));
    }
    assert_has(&help, "[default: gumbel_matrix]");
    assert_has(&help, "[default: 0.005]");
    assert_has(&help, "[default: as --learning-rate]");
    assert!(!help.contains("--budget_penalty"), "underscores are hidden");
}

/// Linux has a file that is always full.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_a_failure() {
    let directory = tempfile::tempdir().unwrap();
    let run = [
        "--data=generated",
        "--train-examples=32",
        "--test-examples=8",
        "--steps=1",
        "--quiet",
        "--logdir=run",
    ];
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["eval", "--help"],
        &run,
        &["resume", "run"],
        &["eval", "run", "--once"],
        &["prune", "run", "--task=0", "--out=alone"],
    ] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_mnist"));
        command.current_dir(directory.path()).args(arguments);
        let output = command.stdout(full).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
        let last = text.lines().last().unwrap_or_default();
        let sentence = "error: cannot write to standard output: ";
        assert!(last.starts_with(sentence), "{text}");
    }
    // What was asked for beside the report is there.
    assert!(directory.path().join("run/summary.json").exists());
}

#[test]
fn a_run_of_version_0_1_is_refused_with_the_reason() {
    let run = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/run-0.1");
    let directory = tempfile::tempdir().unwrap();
    for arguments in [
        &["resume", run][..],
        &["eval", run],
        &["prune", run, "--task=0", "--out=alone"],
    ] {
        let (sentence, status) = refusal(&crate::run(directory.path(), arguments));
        assert_has(&sentence, "the run is of version 0.1, whose");
        assert_has(
            &sentence,
            "it can be plotted, but for all else use version 0.1",
        );
        assert_eq!(status, Some(1));
    }
}
