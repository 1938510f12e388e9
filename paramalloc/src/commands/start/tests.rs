use std::fs;

use clap::{Args, Command, FromArgMatches};
use paramalloc_core::engine::cpu::Convolution;

use super::*;
use crate::arguments::command_line::{About, for_resume, with_training_flags};
use crate::arguments::flags::{NewRunFlags, NoOptions};
use crate::arguments::own_options::OwnOptions;
use crate::commands::resume::ResumeFlags;
use crate::settings::difference::settings_differ;
use crate::testing;

/// What the command line of a new run gives.
fn begin(resumes: bool, arguments: &[&str]) -> Result<Start, Error> {
    let own = OwnOptions::of::<NoOptions>();
    let about = About {
        without: &[],
        own: &own,
    };
    let command = with_training_flags(Command::new("digits"), &about, |_| None);
    let matches = command.get_matches_from([&["digits"], arguments].concat());
    let flags = NewRunFlags::from_arg_matches(&matches).unwrap();
    let given = Given::of_matches(&matches, &own)?;
    let experiment = ("digits", &testing::settings(), resumes);
    Start::begin(experiment, given, flags.logdir)
}

/// What the command that resumes the run in `path` gives.
fn resume(path: &Path, arguments: &[&str]) -> Result<Start, Error> {
    let command = for_resume(ResumeFlags::augment_args(Command::new("resume")));
    let path = path.display().to_string();
    let matches = command.get_matches_from([&["resume", &path], arguments].concat());
    let flags = ResumeFlags::from_arg_matches(&matches).unwrap();
    let given = Given::of_matches(&matches, &OwnOptions::of::<NoOptions>())?;
    Start::resume(RunRecord::read(&flags.run)?, given)
}

/// A directory with a run of these settings that was just begun.
fn begun(settings: &Settings) -> (tempfile::TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    let directory = RunDir::claim(&path).unwrap();
    let config = testing::config(settings);
    directory.write_json(CONFIG, &config).unwrap();
    (parent, path)
}

fn settings() -> Settings {
    testing::settings().seed(3).steps(50)
}

#[test]
fn an_explicit_resume_has_the_settings_of_the_run_and_the_flags_over_them() {
    let (parent, path) = begun(&settings());
    let start = resume(&path, &["--threads=3"]).unwrap();
    assert!(start.record.is_some());
    let found = (start.settings.seed, start.settings.steps);
    assert_eq!(found, (3, Some(50)));
    assert_eq!(start.settings.threads, Some(3));
    let logdir = format!("--logdir={}", path.display());
    let refused = begin(false, &[&logdir]).unwrap_err();
    assert!(matches!(refused, Error::HoldsRun { .. }), "{refused}");
    let refused = resume(parent.path(), &[]).unwrap_err();
    assert!(matches!(refused, Error::NoRun { .. }), "{refused}");
}

/// All convolutions were direct before a run said how they are computed.
#[test]
fn a_run_that_does_not_say_how_convolutions_are_computed_stays_direct() {
    let (_parent, path) = begun(&settings());
    let chosen = || resume(&path, &[]).unwrap().settings.convolution;
    assert_eq!(chosen(), Convolution::Auto);
    let file = path.join(CONFIG);
    let mut config: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let said = config.as_object_mut().unwrap().remove("convolution");
    assert_eq!(said.unwrap(), "auto");
    fs::write(&file, config.to_string()).unwrap();
    assert_eq!(chosen(), Convolution::Direct);
}

#[test]
fn an_experiment_that_resumes_takes_its_settings_from_the_command_alone() {
    let (_parent, path) = begun(&settings());
    let logdir = format!("--logdir={}", path.display());
    let start = begin(true, &[&logdir, "--steps=50"]).unwrap();
    assert!(start.record.is_some());
    assert_eq!(start.settings.seed, 0);
    let run = start.record.unwrap().config.settings;
    let differences = settings_differ(&run, &start.settings).unwrap();
    assert_eq!(differences.unwrap(), "seed = 3, not 0");
}

#[test]
fn what_differs_is_named_with_what_to_do() {
    let (parent, path) = begun(&settings());
    let now = settings().seed(4);
    let stored = settings().steps(51).clip_norm(2.0);
    let config = parent.path().join("mine.toml");
    fs::write(&config, "clip_norm = 3.0\n").unwrap();
    let config = format!("--config={}", config.display());
    let logdir = format!("--logdir={}", path.display());
    let cases = [
        (
            resume(&path, &["--seed=4", "--steps=50"]),
            "leave out --seed and --steps",
        ),
        (
            begin(true, &[&logdir, "--epochs=4", &config]),
            "leave out --config and --epochs and resume it: `resume run`",
        ),
        (
            begin(true, &[&logdir]),
            "resume it with the settings of the run: `resume run`",
        ),
    ];
    for (start, advice) in cases {
        let start = start.unwrap();
        let refused = start.refuse(Path::new("run"), &stored, &now).unwrap_err();
        let sentence = refused.to_string();
        assert!(
            sentence.contains(&format!(": {advice}, or begin")),
            "{sentence}"
        );
    }
}

#[test]
fn a_run_that_resumes_by_itself_has_a_directory_of_its_name() {
    let start = begin(true, &["--seed=9", "--method=no_sharing"]).unwrap();
    let path = start.path.unwrap();
    assert!(path.ends_with("runs/digits-no_sharing-seed9"), "{path:?}");
    assert!(start.record.is_none());
    let fresh = begin(false, &["--seed=9"]).unwrap();
    assert_eq!(fresh.path, None);
}
