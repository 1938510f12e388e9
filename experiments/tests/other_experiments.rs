//! The programs `omniglot`, `clusters` and `synthetic` as a user runs them,
//! on data that they draw themselves.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use paramalloc_core::summary::Summary;
use paramalloc_plot::compare::Comparison;
use paramalloc_plot::{Drawing, Run};
use serde_json::Value;

const OMNIGLOT: &str = env!("CARGO_BIN_EXE_omniglot");
const CLUSTERS: &str = env!("CARGO_BIN_EXE_clusters");
const SYNTHETIC: &str = env!("CARGO_BIN_EXE_synthetic");

/// A look of a second.
const QUICK: [&str; 6] = [
    "--eval-every=0",
    "--batch-size=8",
    "--quiet",
    "--threads=1",
    "--logdir=run",
    "--data=generated",
];

/// Three alphabets on the smallest network.
const ALPHABETS: [&str; 6] = [
    "--alphabets=3",
    "--image_size=28",
    "--filters=16",
    "--steps=3",
    "--train-examples=16",
    "--test-examples=8",
];

fn run(program: &str, directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.current_dir(directory).args(arguments);
    command.env_remove("PARAMALLOC_DATA").output().unwrap()
}

/// Standard output of a run that must succeed.
fn succeeds(program: &str, directory: &Path, arguments: &[&str]) -> String {
    let output = run(program, directory, arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    assert_eq!(errors, "");
    String::from_utf8(output.stdout).unwrap()
}

/// The one sentence that a run is refused with, as a wrong command line.
fn refused(program: &str, directory: &Path, arguments: &[&str]) -> String {
    let output = run(program, directory, arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

fn summary(directory: &Path) -> Summary {
    Summary::read(&directory.join("run")).unwrap()
}

fn config(directory: &Path) -> Value {
    let bytes = fs::read(directory.join("run").join("config.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn assert_has(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in\n{text}");
}

#[test]
fn omniglot_learns_alphabets() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let report = succeeds(OMNIGLOT, directory, &[&QUICK[..], &ALPHABETS].concat());
    assert_has(&report, "NOT published data");
    assert_has(
        &report,
        "\nplot   cargo run -p paramalloc-cli -- plot run\n",
    );

    let summary = summary(directory);
    assert!(summary.finished);
    assert_eq!((summary.tasks.len(), summary.routed_layers.len()), (3, 8));
    for layer in &summary.routed_layers {
        assert_eq!(layer.components.len(), 7);
    }
    for task in &summary.tasks {
        assert!(task.results.keys().eq(["test", "train", "validation"]));
    }
    let config = config(directory);
    let options = serde_json::json!({"alphabets": 3, "image_size": 28, "filters": 16});
    assert_eq!(config["options"], options);
    assert_eq!(config["penalties"]["l2_penalty"], 3e-4);
    assert_eq!(config["router_learning_rate"], 2e-3);
    assert_eq!(config["router"]["probs_init"], 0.97);

    // The record repeats the run, its options included.
    let again = ["--config=run/config.json", "--logdir=again", "--quiet"];
    succeeds(OMNIGLOT, directory, &again);
    for file in ["summary.json", "parameters.safetensors"] {
        let read = |run: &str| fs::read(directory.join(run).join(file)).unwrap();
        assert!(read("run") == read("again"), "{file}");
    }
    // A flag comes before it, and before no other option.
    let fewer = [&again[..1], &["--logdir=fewer", "--quiet", "--alphabets=2"]].concat();
    succeeds(OMNIGLOT, directory, &fewer);
    assert_eq!(
        Summary::read(&directory.join("fewer")).unwrap().tasks.len(),
        2
    );
}

#[test]
fn omniglot_shares_everything_if_asked() {
    let directory = tempfile::tempdir().unwrap();
    let shared = ["--method=shared_bottom"];
    let arguments = [&QUICK[..], &ALPHABETS, &shared].concat();
    succeeds(OMNIGLOT, directory.path(), &arguments);
    let summary = summary(directory.path());
    assert_eq!(summary.method, "shared_bottom");
    let mut used = summary.allocation_rows().into_iter().flatten();
    assert!(used.all(|used| used == 1));
}

#[test]
fn omniglot_refuses_what_it_cannot_do() {
    let directory = tempfile::tempdir().unwrap();
    let refusals = [
        (
            &["--method=no_sharing"][..],
            "7 components for 20 alphabets; choose --method shared_bottom or gumbel_matrix",
        ),
        (&["--image-size=64"], "no network for --image-size 64"),
        (&["--filters=8"], "105 with 48, 56 with 24"),
        (&["--alphabets=51"], "--alphabets = 51 must be from 1 to 50"),
        (&["--alphabets=few"], "few"),
        (&["--config=wrong.toml"], "[options]: `alphabetts`"),
        (&["--config=word.toml"], "[options]: `filters`"),
    ];
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    write("wrong.toml", "[options]\nalphabetts = 3\n");
    write("word.toml", "[options]\nfilters = \"many\"\n");
    for (arguments, part) in refusals {
        let arguments = [&QUICK[..], arguments].concat();
        assert_has(&refused(OMNIGLOT, directory.path(), &arguments), part);
    }
    assert!(!directory.path().join("run").exists());
}

#[test]
fn help_names_the_options_with_their_defaults() {
    let directory = tempfile::tempdir().unwrap();
    let help = succeeds(OMNIGLOT, directory.path(), &["--help"]);
    assert_has(&help, "--alphabets <N>");
    assert_has(&help, "[default: 20]");
    assert_has(&help, "[default: 8000]");
    let help = succeeds(SYNTHETIC, directory.path(), &["--help"]);
    assert_has(&help, "--relatedness <R,..>");
    assert!(!help.contains("--data"), "{help}");
}

#[test]
fn clusters_has_three_kinds_of_tasks() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let few = ["--steps=2", "--train-examples=16", "--test-examples=8"];
    let report = succeeds(CLUSTERS, directory, &[&QUICK[..], &few].concat());
    assert_has(&report, "plot   cargo run -p paramalloc-cli -- plot");

    let summary = summary(directory);
    assert_eq!((summary.tasks.len(), summary.groups().len()), (40, 3));
    for layer in &summary.routed_layers {
        assert_eq!(layer.components.len(), 16);
    }
    let config = config(directory);
    assert_eq!(config["penalties"]["budget"], 0.5);
    assert_eq!(config["penalties"]["budget_penalty"], 1.0);
    assert_eq!(config["router_learning_rate"], 6e-3);
    assert_eq!(config.get("options"), None);

    let run = Run::read(&directory.join("run")).unwrap();
    let text = run.text();
    for part in [
        "generated clothes",
        "of the same group",
        "of different groups",
    ] {
        assert_has(&text, part);
    }
    let files = run
        .draw(&directory.join("run/plots"), &Drawing::default())
        .unwrap();
    assert!(files.contains(&directory.join("run/plots/similarity.png")));
    assert!(files.iter().all(|file| file.exists()));
}

#[test]
fn synthetic_sets_error_and_overlap_against_relatedness() {
    let directory = tempfile::tempdir().unwrap();
    let few = ["--steps=20", "--train-examples=64", "--test-examples=32"];
    for method in ["gumbel_matrix", "shared_bottom", "no_sharing"] {
        let options = [
            &format!("--logdir={method}")[..],
            &format!("--method={method}"),
        ];
        let arguments = [&QUICK[..4], &few, &options].concat();
        let report = succeeds(SYNTHETIC, directory.path(), &arguments);
        assert_has(&report, &format!("compare {method} --out {method}/plots"));
        let runs = Comparison::read(&[directory.path().join(method)]).unwrap();
        // One row for each relatedness, and whoever shares all is alike.
        let table = runs.relatedness().unwrap().table();
        let rows: Vec<Vec<&str>> = table
            .lines()
            .map(|l| l.split_whitespace().collect())
            .collect();
        let first: Vec<&str> = rows[1..5].iter().map(|row| row[0]).collect();
        assert_eq!(first, ["0", "0.5", "0.9", "1"]);
        let similarity = rows[1][4];
        match method {
            "shared_bottom" => assert_eq!(similarity, "1.00"),
            "no_sharing" => assert_eq!(similarity, "0.00"),
            _ => {}
        }
    }
    let run = Summary::read(&directory.path().join("gumbel_matrix")).unwrap();
    assert_eq!(run.metric, "mean_squared_error");
    assert_eq!(run.tasks.len(), 8);
    // Another seed draws other data of the same kind.
    let again = ["--seed=1", "--logdir=gumbel_matrix-1"];
    let arguments = [&QUICK[..4], &few, &again].concat();
    succeeds(SYNTHETIC, directory.path(), &arguments);
    let runs = ["gumbel_matrix", "gumbel_matrix-1", "no_sharing"];
    let runs = Comparison::read(&runs.map(|run| directory.path().join(run))).unwrap();
    let relatedness = runs.relatedness().unwrap();
    let table = relatedness.table();
    let rows: Vec<&str> = table.lines().skip(1).take(8).collect();
    assert!(
        rows[..4]
            .iter()
            .all(|r| r.starts_with("gumbel_matrix") && r.contains(" ± ")),
        "{table}"
    );
    assert!(
        rows[4..]
            .iter()
            .all(|r| r.starts_with("no_sharing") && !r.contains('±')),
        "{table}"
    );
    relatedness
        .draw(&directory.path().join("study"), &Drawing::default())
        .unwrap();
    assert!(directory.path().join("study/relatedness.svg").exists());
}

#[test]
fn synthetic_refuses_pairs_that_do_not_fit() {
    let directory = tempfile::tempdir().unwrap();
    let refusals = [
        (
            &["--method=no_sharing", "--relatedness=0.2,0.7,1"][..],
            "8 components for 6 tasks; ask for 4 pairs",
        ),
        (&["--pairs=5"], "20 pairs of tasks"),
        (&["--pairs=0"], "0 pairs of tasks"),
        (&["--relatedness=0.5,high"], "high"),
        (&["--relatedness=0.5,1.5"], "1.5"),
        (&["--data=generated"], "--data has no effect on `synthetic`"),
        (&["--data-dir=x"], "--data-dir has no effect on `synthetic`"),
    ];
    for (arguments, part) in refusals {
        let arguments = [&QUICK[..5], arguments].concat();
        assert_has(&refused(SYNTHETIC, directory.path(), &arguments), part);
    }
}

#[test]
fn an_experiment_without_options_takes_none() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("own.toml"), "[options]\npairs = 3\n").unwrap();
    let text = refused(
        CLUSTERS,
        directory.path(),
        &["--config=own.toml", "--quiet"],
    );
    assert_has(&text, "[options]: `pairs`");
}
