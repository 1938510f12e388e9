//! `paramalloc show`: what a run directory holds.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use paramalloc::commands::follow;
use paramalloc_core::summary::{Confusion, DataIdentity, Summary};
use paramalloc_core::text::escaped;
use paramalloc_plot::format::{count, thousands};
use paramalloc_plot::table::{Column, lines};
use paramalloc_plot::{confusion, report};
use serde_json::Value;

use crate::error::Error;
use crate::network_plan;
use crate::output::print;
use crate::run_directory::{Checksum, RunDirectory, State};
use crate::training_settings;

/// Shows what a run directory holds: its state, data, results and files
#[derive(Args, Debug)]
pub struct Show {
    /// Run directory
    #[arg(value_name = "RUN")]
    run: PathBuf,

    /// Show the network instead: its operations with shapes, parameters and
    /// multiply-adds, and what each task uses
    #[arg(long)]
    plan: bool,

    /// Show what the tasks take for what instead: their confusion matrices on the test
    /// examples
    #[arg(long, conflicts_with_all = ["plan", "follow"])]
    confusion: bool,

    /// First show the run as it continues, until it ends or is stopped; Ctrl-C leaves it
    /// alone
    #[arg(long, conflicts_with = "plan")]
    follow: bool,
}

impl Show {
    pub fn run(self) -> Result<(), Error> {
        let mut run = RunDirectory::read(&self.run)?;
        if self.follow && run.state == State::Running {
            follow(&self.run)?;
            run = RunDirectory::read(&self.run)?;
        }
        if self.plan {
            return print(&network_plan::text(&run)?);
        }
        if self.confusion {
            let read = Confusion::read(&run.path).map_err(paramalloc_plot::Error::from)?;
            let confusion = read.ok_or(Error::NoConfusion { path: run.path })?;
            return print(&confusion::text(&confusion, report::width()));
        }
        let mut text = heading(&run);
        if let Some(summary) = &run.summary {
            let width = report::width();
            for section in [
                report::results(summary, width),
                report::allocation(summary, width),
                report::warnings(summary),
            ] {
                if !section.is_empty() {
                    let _ = write!(text, "\n{section}");
                }
            }
        }
        let _ = write!(text, "\n{}", files(&run));
        print(&text)?;
        let is_damaged =
            |checksum: &Checksum| matches!(checksum, Checksum::Damaged(_) | Checksum::Missing);
        let damaged = run.files.iter().filter(|file| is_damaged(&file.checksum));
        match damaged.count() {
            0 => Ok(()),
            damaged => Err(Error::Damaged {
                path: run.path,
                damaged,
            }),
        }
    }
}

/// A line for each thing that a run is of.
fn heading(run: &RunDirectory) -> String {
    let experiment = run.text("experiment").unwrap_or("unknown");
    let version = run.text("version").unwrap_or("unknown");
    let mut rows = vec![
        ("run", run.path.display().to_string()),
        (
            "experiment",
            format!("{experiment}, of paramalloc {version}"),
        ),
        ("state", state(run)),
    ];
    let source = run.config.pointer("/source/name").and_then(Value::as_str);
    // The table, or the directory, that the data are read from.
    let from = [
        "/source/options/path",
        "/source/options/new/table/path",
        "/data_dir",
    ];
    let from = from.iter().find_map(|at| run.config.pointer(at)?.as_str());
    let from = from.map_or(String::new(), |from| format!(", {}", escaped(from)));
    rows.extend(source.map(|source| ("source", format!("{source}{from}"))));
    if let Some(summary) = &run.summary {
        let method = format!("{}, seed {}", summary.method, summary.seed);
        rows.extend([
            ("method", method),
            ("data", data(&summary.data)),
            ("tasks", tasks(summary)),
            ("routed layers", routed_layers(summary)),
        ]);
    }
    rows.extend(training_settings::rows(&run.config));
    let results = run
        .summary
        .as_ref()
        .and_then(|summary| summary.results_step);
    rows.extend(results.map(|step| ("results", format!("of task step {}", thousands(step)))));
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let lines = rows
        .iter()
        .map(|(name, text)| format!("{name:width$}  {text}\n"));
    lines.collect()
}

fn state(run: &RunDirectory) -> String {
    let steps = match &run.summary {
        Some(summary) => {
            let done = thousands(summary.global_step);
            format!(
                "{done} of {} task steps",
                thousands(summary.total_task_steps)
            )
        }
        None => match run.last_logged_step() {
            Some(step) => format!("at least {} task steps", thousands(step)),
            None => "no task step logged yet".to_owned(),
        },
    };
    match run.state {
        State::Finished => match &run.summary {
            Some(summary) if summary.global_step < summary.total_task_steps => {
                format!("finished early by --patience, {steps}")
            }
            _ => format!("finished, {steps}"),
        },
        State::Stopped => format!("stopped, {steps}"),
        State::Running => match run.last_logged_step() {
            Some(step) => format!("running, at least {} task steps", thousands(step)),
            None => "running, no task step logged yet".to_owned(),
        },
    }
}

fn data(data: &DataIdentity) -> String {
    let kind = match data.real {
        true => "",
        false => ", generated by the program, not published data",
    };
    let files = match data.files.len() {
        0 => String::new(),
        sums => format!(", {} in config.json", count(sums, "checksum")),
    };
    format!("{}{kind}{files}", data.name)
}

fn tasks(summary: &Summary) -> String {
    let groups = summary.groups();
    let tasks = thousands(summary.tasks.len() as u64);
    match groups.len() {
        0 => tasks,
        _ => format!("{tasks} in groups {}", groups.join(", ")),
    }
}

/// `conv1 (4 x conv5x5), conv2 (4 x conv3x3, as conv1), mixed (conv3x3, maxpool2x2)`.
fn routed_layers(summary: &Summary) -> String {
    let layers = summary.routed_layers.iter().map(|layer| {
        let kinds = layer.components.chunk_by(|a, b| a == b);
        let kinds = kinds.map(|same| match same.len() {
            1 => same[0].clone(),
            several => format!("{several} x {}", same[0]),
        });
        let as_other = layer.router_of.iter().map(|of| format!("as {of}"));
        let inside: Vec<String> = kinds.chain(as_other).collect();
        format!("{} ({})", layer.name, inside.join(", "))
    });
    let layers: Vec<String> = layers.collect();
    match layers.is_empty() {
        true => "none".to_owned(),
        false => layers.join(", "),
    }
}

fn files(run: &RunDirectory) -> String {
    let checksum = |checksum: &Checksum| match checksum {
        Checksum::None => String::new(),
        Checksum::Valid => "valid".to_owned(),
        Checksum::Damaged(why) => format!("DAMAGED: {why}"),
        Checksum::OtherFormat(format) => format!("not checked: format {format}"),
        Checksum::Missing => "MISSING".to_owned(),
    };
    let files = || run.files.iter();
    let columns = [
        Column::left("file", files().map(|file| file.name.clone())),
        Column::right("bytes", files().map(|file| thousands(file.size))),
        Column::left("checksum", files().map(|file| checksum(&file.checksum))),
    ];
    lines(&columns).join("\n") + "\n"
}
