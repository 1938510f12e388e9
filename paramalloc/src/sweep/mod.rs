//! Many runs from one file: every combination of some flags. Runs that have
//! finished are skipped, those that were stopped resume.

mod batch;
mod grid;
mod runner;
mod state;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use clap::Args;
use grid::{Grid, Planned};
use paramalloc_core::summary::write_whole;
use runner::{Job, Runner};
use state::State;

use crate::error::{Error, SweepError};
use crate::shell::{quoted, tool};
use crate::stdio::{print, say};

/// The flags of each run of a sweep, by the name of its directory.
const FLAGS: &str = "sweep.json";

/// Trains every combination of the flags in a file, each in a directory of its own
///
/// Runs that have finished are skipped, and those that were stopped resume.
#[derive(Args, Clone, Debug)]
pub struct SweepArgs {
    /// The TOML file: `program` (not needed where a flag is `table`), `directory`,
    /// `[flags]`, `[axes]` and `[[variants]]`
    pub grid: PathBuf,

    /// Runs at a time, which share the processors
    #[arg(long, short, value_name = "N", default_value_t = 1)]
    pub jobs: usize,

    /// Only the run of this number, counted from 0: `$SLURM_ARRAY_TASK_ID`
    #[arg(long, value_name = "I")]
    pub array_index: Option<usize>,

    /// Only print the command of each run
    #[arg(long)]
    pub dry_run: bool,

    /// Only write a batch file for an array of SLURM jobs
    #[arg(long, value_name = "FILE")]
    pub slurm: Option<PathBuf>,
}

impl SweepArgs {
    /// Runs the sweep by this program, whose first arguments are `arguments`.
    ///
    /// # Errors
    /// If the file is wrong, a run failed or the sweep was interrupted.
    pub fn run_by_this_program(&self, arguments: &[&str]) -> Result<(), Error> {
        let own = std::env::current_exe().map_err(Error::io("find", Path::new("this program")))?;
        let own = own.display().to_string();
        let first = arguments.iter().map(|&argument| argument.to_owned());
        self.run(|_| Some([own].into_iter().chain(first).collect()))
    }

    /// Runs the sweep by the program that its file names; a sweep over a table
    /// by this program's `train`.
    ///
    /// # Errors
    /// As [`Self::run_by_this_program`], and if the file names no program.
    pub fn run_by_its_program(&self) -> Result<(), Error> {
        let own = std::env::current_exe().map_err(Error::io("find", Path::new("this program")))?;
        let own = own.display().to_string();
        self.run(|grid| {
            let mut variants = grid.variants.iter();
            let is_table = grid.flags.contains_key("table")
                || grid.axes.contains_key("table")
                || variants.any(|variant| variant.flags.contains_key("table"));
            is_table.then(|| vec![own, "train".to_owned()])
        })
    }

    fn run(&self, program: impl FnOnce(&Grid) -> Option<Vec<String>>) -> Result<(), Error> {
        let grid = Grid::read(&self.grid)?;
        let named = grid.program.clone().filter(|program| !program.is_empty());
        let Some(program) = named.or_else(|| program(&grid)) else {
            return Err(Error::Sweep(SweepError::NoProgram {
                path: self.grid.clone(),
            }));
        };
        let runs = grid.runs()?;
        let directory = grid
            .directory
            .clone()
            .unwrap_or_else(|| self.default_directory());
        let cores = available_parallelism().map_or(1, usize::from);
        let at_a_time = self.jobs.clamp(1, runs.len());
        let runner = Runner {
            threads: (cores / at_a_time).max(1),
            program,
            at_a_time,
        };
        if let Some(file) = &self.slurm {
            return self.write_batch_file(file, &runner, &directory, runs.len());
        }
        let jobs = self.jobs(&directory, runs)?;
        if self.dry_run {
            let lines = jobs
                .iter()
                .map(|job| shell_line(&runner.command(job)) + "\n");
            return print(&lines.collect::<String>());
        }
        fs::create_dir_all(&directory).map_err(Error::io("make the directory", &directory))?;
        remember(&directory, &jobs)?;
        let left: Vec<&Job> = jobs
            .iter()
            .filter(|job| job.state != State::Finished)
            .collect();
        announce(&directory, &jobs, &left);
        let failed = runner.run(&left)?;
        if !failed.is_empty() {
            say(&format!("failed: {}", failed.join(", ")));
            let (failed, runs) = (failed.len(), jobs.len());
            return Err(Error::Sweep(SweepError::Failed { failed, runs }));
        }
        let all = jobs
            .iter()
            .map(|job| quoted(&job.directory.display().to_string()));
        let all = all.collect::<Vec<_>>().join(" ");
        let page = quoted(&directory.join("report.html").display().to_string());
        let table = quoted(&directory.join("results.tex").display().to_string());
        print(&format!(
            "compare   {tool} compare {all}\nreport    {tool} report {all} --out {page} --latex {table}\n",
            tool = tool()
        ))
    }

    /// `runs/` and the name of the file.
    fn default_directory(&self) -> PathBuf {
        Path::new("runs").join(self.grid.file_stem().unwrap_or_default())
    }

    /// The runs that are asked for, with how far each is.
    fn jobs(&self, directory: &Path, mut runs: Vec<Planned>) -> Result<Vec<Job>, Error> {
        if let Some(index) = self.array_index {
            if index >= runs.len() {
                let runs = runs.len();
                return Err(Error::Sweep(SweepError::Index { index, runs }));
            }
            runs = vec![runs.swap_remove(index)];
        }
        let known = remembered(directory);
        let job = |run: Planned| {
            let path = directory.join(&run.name);
            let state = State::of(&path)?;
            let (found, wanted) = (known.get(&run.name), run.arguments.join(" "));
            match found {
                Some(found) if state != State::New && *found != wanted => {
                    Err(Error::Sweep(SweepError::OtherFlags {
                        path,
                        found: found.clone(),
                        wanted,
                    }))
                }
                _ => Ok(Job {
                    run,
                    directory: path,
                    state,
                }),
            }
        };
        runs.into_iter().map(job).collect()
    }

    fn write_batch_file(
        &self,
        file: &Path,
        runner: &Runner,
        directory: &Path,
        runs: usize,
    ) -> Result<(), Error> {
        let name = directory.file_name().unwrap_or_default().to_string_lossy();
        let own = std::env::current_exe().map_err(Error::io("find", Path::new("this program")))?;
        let program = quoted(&own.display().to_string());
        let text = batch::batch_file(&program, &self.grid, &name, runs, runner.threads);
        write_whole(file, text.as_bytes()).map_err(Error::save(file))?;
        print(&format!(
            "submit   sbatch {}\n",
            quoted(&file.display().to_string())
        ))
    }
}

/// What a sweep is about to do.
fn announce(directory: &Path, jobs: &[Job], left: &[&Job]) {
    let stopped = left
        .iter()
        .filter(|job| job.state == State::Stopped)
        .count();
    let finished = jobs.len() - left.len();
    let mut line = format!("{} runs in {}", jobs.len(), directory.display());
    for (count, what) in [(finished, "finished before"), (stopped, "to resume")] {
        if count > 0 {
            line += &format!(", {count} {what}");
        }
    }
    say(&line);
}

/// The flags with which the runs of a directory were begun.
fn remembered(directory: &Path) -> BTreeMap<String, String> {
    let bytes = fs::read(directory.join(FLAGS)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Writes down the flags of the runs beside those of others: each job of an
/// array begins one.
fn remember(directory: &Path, jobs: &[Job]) -> Result<(), Error> {
    let mut all = remembered(directory);
    for job in jobs {
        all.insert(job.run.name.clone(), job.run.arguments.join(" "));
    }
    let path = directory.join(FLAGS);
    let json = serde_json::to_vec_pretty(&all).map_err(Error::json("the flags of a sweep"))?;
    write_whole(&path, &json).map_err(Error::save(&path))
}

/// A command as a shell takes it.
fn shell_line(command: &[String]) -> String {
    let words: Vec<String> = command.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}
