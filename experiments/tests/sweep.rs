//! A sweep from the command line: every run, its directory, what is skipped,
//! resumed and refused.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn sweep(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_synthetic"));
    command.arg("sweep").arg("grid.toml").args(arguments);
    command.current_dir(directory).output().unwrap()
}

fn text(output: &Output) -> String {
    let bytes = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(bytes).unwrap()
}

/// A directory with the grid, of four short runs unless `more` says otherwise.
fn with_grid(more: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let grid = format!(
        "directory = 'out'
         [flags]
         steps = 6
         train_examples = 64
         [axes]
         seed = [0, 1]
         [[variants]]
         name = 'no_sharing'
         method = 'no_sharing'
         [[variants]]
         name = 'learned'
         {more}"
    );
    fs::write(directory.path().join("grid.toml"), grid).unwrap();
    directory
}

const RUNS: [&str; 4] = [
    "no_sharing-seed0",
    "no_sharing-seed1",
    "learned-seed0",
    "learned-seed1",
];

#[test]
fn a_sweep_runs_skips_and_resumes() {
    let directory = with_grid("");
    let output = sweep(directory.path(), &["--jobs", "2"]);
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("4 runs in out") && said.contains("[4/4]"),
        "{said}"
    );
    assert!(said.contains("compare out/no_sharing-seed0"), "{said}");
    let summary = |run: &str| directory.path().join("out").join(run).join("summary.json");
    let all = RUNS.map(|run| fs::read(summary(run)).unwrap());

    // One of them as if it had been killed before its end.
    fs::remove_file(summary(RUNS[2])).unwrap();
    let output = sweep(directory.path(), &[]);
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("3 finished before, 1 to resume"), "{said}");
    assert_eq!(all, RUNS.map(|run| fs::read(summary(run)).unwrap()));

    let grid = directory.path().join("grid.toml");
    let other = fs::read_to_string(&grid)
        .unwrap()
        .replace("steps = 6", "steps = 7");
    fs::write(&grid, other).unwrap();
    let output = sweep(directory.path(), &[]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("was begun with") && said.contains("--steps=7"),
        "{said}"
    );
}

#[test]
fn failed_runs_are_named_and_the_others_run() {
    let directory = with_grid("learning_rate = -1");
    let output = sweep(directory.path(), &[]);
    let said = text(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("learned-seed0 failed: learning_rate")
            || said.contains("learned-seed0 failed: --learning-rate"),
        "{said}"
    );
    assert!(
        said.contains("failed: learned-seed0, learned-seed1"),
        "{said}"
    );
    assert!(said.contains("2 of 4 runs failed"), "{said}");
    assert!(
        directory
            .path()
            .join("out/no_sharing-seed1/summary.json")
            .exists()
    );
    assert!(directory.path().join("out/learned-seed0.log").exists());
}

#[test]
fn one_job_of_an_array_runs_one() {
    let directory = with_grid("");
    let said = text(&sweep(directory.path(), &["--slurm", "job.sh"]));
    assert!(said.contains("sbatch job.sh"), "{said}");
    let job = fs::read_to_string(directory.path().join("job.sh")).unwrap();
    assert!(job.contains("--array=0-3"), "{job}");
    let output = sweep(directory.path(), &["--array-index", "3"]);
    assert!(output.status.success(), "{}", text(&output));
    let out = directory.path().join("out");
    assert!(out.join(RUNS[3]).join("summary.json").exists());
    assert!(!out.join(RUNS[0]).exists());
    let said = text(&sweep(directory.path(), &["--array-index", "4"]));
    assert!(
        said.contains("there is no run 4; the 4 runs are numbered from 0"),
        "{said}"
    );
}

#[test]
fn the_commands_can_be_printed_alone() {
    let directory = with_grid("");
    let output = sweep(directory.path(), &["--dry-run"]);
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 4);
    let end = "--method=no_sharing --seed=0 --logdir=out/no_sharing-seed0";
    assert!(lines[0].contains(end), "{printed}");
    assert!(!directory.path().join("out").exists());
}
