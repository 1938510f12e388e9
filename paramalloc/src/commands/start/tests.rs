use std::fs;

use paramalloc_core::summary::DataIdentity;

use super::*;
use crate::Study;
use crate::arguments::flags::NoOptions;
use crate::arguments::parse;
use crate::settings::difference::settings_differ;
use crate::testing::Mnist;

fn find(resumes: bool, arguments: &[&str]) -> Result<Start, Stop> {
    let experiment = Experiment {
        resumes,
        ..Mnist::experiment()
    };
    let arguments = [&["mnist"], arguments].concat();
    let arguments = arguments.into_iter().map(std::ffi::OsString::from);
    let given = parse::parse::<NoOptions>(&parse::About::default(), |_| None, arguments)?;
    Start::find(&experiment, &given)
}

/// A folder with a run of these settings that was just begun.
fn begun(settings: &Settings) -> (tempfile::TempDir, String) {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    let folder = RunFolder::claim(&path).unwrap();
    let now = Now {
        experiment: "mnist",
        settings,
        data: &DataIdentity::default(),
        tasks: &[],
    };
    write_config(&folder, &now).unwrap();
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
    assert!(start.recorded.is_some());
    let held = (start.settings.seed, start.settings.steps);
    assert_eq!(held, (3, Some(50)));
    assert_eq!(start.settings.threads, Some(3));
    let refused = find(false, &[&logdir]).err();
    let Some(Stop::Failure(sentence)) = refused else {
        panic!("{refused:?}");
    };
    assert!(sentence.contains("--resume to go on"), "{sentence}");
}

#[test]
fn an_experiment_that_resumes_takes_its_settings_from_the_command_alone() {
    let (_parent, logdir) = begun(&settings());
    let start = find(true, &[&logdir, "--steps=50"]).unwrap();
    assert!(start.recorded.is_some());
    assert_eq!(start.settings.seed, 0);
    let run = start.recorded.unwrap().settings;
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
    held.adam.clip_norm = Some(2.0);
    let differences = differences(&held, &now).unwrap();
    let config = parent.path().join("mine.toml");
    fs::write(&config, "[adam]\nclip_norm = 3.0\n").unwrap();
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
        let Err(Stop::Failure(sentence)) = start.refuse(Path::new("run"), &differences) else {
            panic!("{arguments:?}");
        };
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
    assert!(start.recorded.is_none());
    let fresh = find(false, &["--seed=9"]).unwrap();
    assert_eq!(fresh.path, None);
}
