//! What the program `mnist` refuses, and how it says so; its help.

use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mnist"));
    command.current_dir(folder).args(arguments);
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
    let folder = tempfile::tempdir().unwrap();
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
        ("--method=magic", "choose no_sharing, shared_bottom or"),
        ("--epoch=1", "a similar argument exists: '--epochs'"),
        ("--seed=-1", "invalid value '-1' for '--seed <N>'"),
        ("--train-examples=0", "for '--train-examples <N>'"),
        ("here", "unrecognized subcommand 'here'"),
    ];
    for (arguments, part) in cases {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let (sentence, status) = refusal(&run(folder.path(), &arguments));
        assert_has(&sentence, part);
        assert_eq!(status, Some(2), "{sentence}");
    }
    let made = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(made, 0, "nothing is made before the settings are checked");
}

#[test]
fn what_is_wrong_in_a_config_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
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
        std::fs::write(folder.path().join("mine.toml"), text).unwrap();
        let output = run(folder.path(), &["--config=mine.toml"]);
        let (sentence, status) = refusal(&output);
        assert_has(&sentence, part);
        assert_eq!(status, Some(2), "{sentence}");
    }
    let output = run(folder.path(), &["--config=absent.toml"]);
    let (sentence, status) = refusal(&output);
    assert_has(&sentence, "cannot read the config file absent.toml");
    assert_eq!(status, Some(1));
}

#[test]
fn help_is_grouped_and_shows_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["--help"]);
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
