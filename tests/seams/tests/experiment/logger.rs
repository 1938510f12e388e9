//! A logger that writes a line of text for each event.

use std::fs::File;
use std::io::Write;

use paramalloc::{Error, Event, Logger};

use crate::{experiment, run, train};

struct Text(File);

impl Logger for Text {
    fn log(&mut self, event: &Event<'_>) -> Result<(), Error> {
        let line = match event {
            Event::Start { step, .. } => format!("start at {step}"),
            Event::Evaluation(evaluation) => format!("evaluation at {}", evaluation.global_step),
            Event::Checkpoint { step, .. } => format!("checkpoint at {step}"),
            Event::End(summary) => format!("end at {}", summary.global_step),
            _ => return Ok(()),
        };
        writeln!(self.0, "{line}").map_err(Error::other)
    }
}

#[test]
fn a_users_logger_hears_what_happens_and_changes_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let path = |name: &str| parent.path().join(name);
    let experiment = |name: &'static str| {
        let text = path(name);
        experiment().logger(move |_| {
            let file = File::options().append(true).create(true).open(&text);
            Ok(Text(file.map_err(Error::other)?))
        })
    };
    train(&crate::experiment(), &path("plain"));
    train(&experiment("log.txt"), &path("run"));
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    let expected = "start at 0\nevaluation at 8\ncheckpoint at 8\nevaluation at 16\n\
                    checkpoint at 16\nevaluation at 24\ncheckpoint at 24\nend at 24\n";
    assert_eq!(read("log.txt"), expected);
    assert_eq!(read("run/metrics.jsonl"), read("plain/metrics.jsonl"));

    // A run that resumes tells it from where.
    std::fs::remove_file(path("run/summary.json")).unwrap();
    std::fs::remove_file(path("run/checkpoints/step-000000024.safetensors")).unwrap();
    let directory = path("run").display().to_string();
    run(&experiment("again.txt"), &["resume", &directory, "--quiet"]).unwrap();
    assert!(read("again.txt").starts_with("start at 16\n"));
    assert_eq!(read("run/metrics.jsonl"), read("plain/metrics.jsonl"));
}

#[test]
fn a_logger_that_fails_ends_the_run() {
    let parent = tempfile::tempdir().unwrap();
    struct Full;
    impl Logger for Full {
        fn log(&mut self, event: &Event<'_>) -> Result<(), Error> {
            match event {
                Event::Checkpoint { .. } => Err(Error::other("no room for the log")),
                _ => Ok(()),
            }
        }
    }
    let experiment = experiment().logger(|_| Ok(Full));
    let path = parent.path().join("run").display().to_string();
    let ended = run(&experiment, &["--quiet", "--logdir", &path]);
    assert_eq!(ended.unwrap_err().to_string(), "no room for the log");
}
