use std::fs;

use super::*;
use crate::Study;
use crate::arguments::flags::NoOptions;
use crate::arguments::parse;
use crate::settings::difference::settings_differ;
use crate::testing::{self, Mnist};

fn find(resumes: bool, arguments: &[&str]) -> Result<Start, Error> {
    let experiment = Experiment {
        resumes,
        ..Mnist::experiment()
    };
    let arguments = [&["mnist"], arguments].concat();
    let arguments = arguments.into_iter().map(std::ffi::OsString::from);
    let given = parse::parse::<NoOptions>(&parse::About::default(), |_| None, arguments)?;
    Start::find(&experiment, &given)
}

/// A directory with a run of these settings that was just begun.
fn begun(settings: &Settings) -> (tempfile::TempDir, String) {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    let directory = RunDir::claim(&path).unwrap();
    directory
        .write_json(CONFIG, &testing::config(settings))
        .unwrap();
    (parent, format!("--logdir={}", path.display()))
}

fn settings() -> Settings {
    Settings {
        seed: 3,
        epochs: None,
        steps: Some(50),
        ..Mnist::experiment().defaults
    }
}

#[test]
fn an_explicit_resume_has_the_settings_of_the_run_and_the_flags_over_them() {
    let (_parent, logdir) = begun(&settings());
    let start = find(false, &["--resume", &logdir, "--threads=3"]).unwrap();
    assert!(start.record.is_some());
    let held = (start.settings.seed, start.settings.steps);
    assert_eq!(held, (3, Some(50)));
    assert_eq!(start.settings.threads, Some(3));
    let refused = find(false, &[&logdir]).unwrap_err();
    assert!(matches!(refused, Error::HoldsRun { .. }), "{refused}");
}

#[test]
fn an_experiment_that_resumes_takes_its_settings_from_the_command_alone() {
    let (_parent, logdir) = begun(&settings());
    let start = find(true, &[&logdir, "--steps=50"]).unwrap();
    assert!(start.record.is_some());
    assert_eq!(start.settings.seed, 0);
    let run = start.record.unwrap().config.settings;
    let differences = settings_differ(&run, &start.settings).unwrap();
    assert_eq!(differences.unwrap(), "seed = 3, not 0");
}

#[test]
fn what_differs_is_named_with_what_to_do() {
    let (parent, logdir) = begun(&settings());
    let now = Settings {
        seed: 4,
        ..settings()
    };
    let mut held = settings();
    held.steps = Some(51);
    held.clip_norm = Some(2.0);
    let config = parent.path().join("mine.toml");
    fs::write(&config, "clip_norm = 3.0\n").unwrap();
    let config = format!("--config={}", config.display());
    let cases = [
        (
            true,
            vec!["--resume", "--seed=4", "--steps=50"],
            "leave out --seed and --steps",
        ),
        (
            false,
            vec!["--epochs=4", &config],
            "leave out --config and --epochs and give --resume --logdir run",
        ),
        (
            false,
            vec![],
            "give --resume --logdir run, which takes the settings of the run",
        ),
    ];
    for (resume, arguments, advice) in cases {
        let arguments = [&[logdir.as_str()], &arguments[..]].concat();
        let start = find(!resume, &arguments).unwrap();
        let refused = start.refuse(Path::new("run"), &held, &now).unwrap_err();
        let sentence = refused.to_string();
        assert!(
            sentence.contains(&format!(": {advice}, or begin")),
            "{sentence}"
        );
    }
}

#[test]
fn a_run_that_resumes_by_itself_has_a_folder_of_its_name() {
    let start = find(true, &["--seed=9", "--method=no_sharing"]).unwrap();
    let path = start.path.unwrap();
    assert!(path.ends_with("runs/mnist-no_sharing-seed9"), "{path:?}");
    assert!(start.record.is_none());
    let fresh = find(false, &["--seed=9"]).unwrap();
    assert_eq!(fresh.path, None);
}
