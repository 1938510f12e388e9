//! The runs of a sweep as processes, some at a time.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use super::grid::Planned;
use super::state::State;
use crate::display::time;
use crate::error::{Error, SweepError};
use crate::interrupt;
use crate::stdio::say;

/// Time between two looks at the processes.
const INTERVAL: Duration = Duration::from_millis(50);
/// How long an interrupted run may take to save itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run and how far it is.
#[derive(Debug)]
pub struct Job {
    /// The run.
    pub run: Planned,
    /// Its directory.
    pub directory: PathBuf,
    /// How far it is.
    pub state: State,
}

/// How runs are started.
#[derive(Debug)]
pub struct Runner {
    /// The program and its first arguments.
    pub program: Vec<String>,
    /// Runs at a time.
    pub at_a_time: usize,
    /// Threads of each run, where its flags do not say.
    pub threads: usize,
}

/// A run under way.
struct Running<'a> {
    job: &'a Job,
    child: Child,
    since: Instant,
}

impl Runner {
    /// Runs `jobs`, none of which has finished, and says a line for each.
    /// Returns the names of those that failed.
    ///
    /// # Errors
    /// If a process cannot be started, or the sweep is interrupted.
    pub fn run(&self, jobs: &[&Job]) -> Result<Vec<String>, Error> {
        interrupt::prepare()?;
        interrupt::listen();
        let mut waiting = jobs.iter();
        let (mut running, mut failed): (Vec<Running<'_>>, Vec<String>) = (Vec::new(), Vec::new());
        let (begun, mut done) = (Instant::now(), 0);
        loop {
            while running.len() < self.at_a_time && !interrupt::asked() {
                let Some(job) = waiting.next() else { break };
                running.push(self.start(job)?);
            }
            if running.is_empty() {
                break;
            }
            if interrupt::asked() {
                return Err(stop(running));
            }
            for ended in take_ended(&mut running)? {
                done += 1;
                let left = time_left(begun.elapsed(), done, jobs.len());
                let name = &ended.job.run.name;
                let took = time(ended.since.elapsed());
                match ended.reason {
                    None => say(&format!("[{done}/{}] {name}: {took}{left}", jobs.len())),
                    Some(reason) => {
                        failed.push(name.clone());
                        say(&format!(
                            "[{done}/{}] {name} failed: {reason}{left}",
                            jobs.len()
                        ));
                    }
                }
            }
            thread::sleep(INTERVAL);
        }
        match interrupt::asked() {
            true => Err(Error::Interrupted),
            false => Ok(failed),
        }
    }

    /// The command of a run: its first arguments too.
    pub fn command(&self, job: &Job) -> Vec<String> {
        let mut command = self.program.clone();
        let directory = job.directory.display().to_string();
        match job.state {
            State::Stopped => command.extend(["resume".to_owned(), directory]),
            State::New | State::Finished => {
                command.extend(job.run.arguments.iter().cloned());
                command.push(format!("--logdir={directory}"));
            }
        }
        let own = |argument: &String| argument.starts_with("--threads=");
        match job.run.arguments.iter().find(|argument| own(argument)) {
            Some(threads) if job.state == State::Stopped => command.push(threads.clone()),
            Some(_) => {}
            None => command.push(format!("--threads={}", self.threads)),
        }
        command.push("--quiet".to_owned());
        command
    }

    fn start<'a>(&self, job: &'a Job) -> Result<Running<'a>, Error> {
        let command = self.command(job);
        let path = log_file(&job.directory);
        let log = File::create(&path).map_err(Error::io("write", &path))?;
        let out = log.try_clone().map_err(Error::io("write", &path))?;
        let child = Command::new(&command[0])
            .args(&command[1..])
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(log)
            .spawn();
        let child = child.map_err(|source| SweepError::Start {
            program: command[0].clone(),
            source,
        })?;
        Ok(Running {
            job,
            child,
            since: Instant::now(),
        })
    }
}

/// A run that ended.
struct Ended<'a> {
    job: &'a Job,
    since: Instant,
    /// Why it failed, if it did.
    reason: Option<String>,
}

/// Takes the runs that ended out of `running`.
fn take_ended<'a>(running: &mut Vec<Running<'a>>) -> Result<Vec<Ended<'a>>, Error> {
    let mut ended = Vec::new();
    let mut i = 0;
    while i < running.len() {
        let path = &running[i].job.directory;
        let status = running[i]
            .child
            .try_wait()
            .map_err(Error::io("wait for", path))?;
        let Some(status) = status else {
            i += 1;
            continue;
        };
        let Running { job, since, .. } = running.remove(i);
        let log = log_file(&job.directory);
        let reason = (!status.success()).then(|| reason(&log, &status.to_string()));
        ended.push(Ended { job, since, reason });
    }
    Ok(ended)
}

/// The error that a program has written last, and where all of it is.
fn reason(log: &Path, status: &str) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let mut errors = text.lines().filter_map(|line| line.strip_prefix("error: "));
    let last = errors.next_back().unwrap_or(status);
    format!("{last} ({})", log.display())
}

/// Waits for the runs to save themselves: Ctrl-C has reached them too. Whatever
/// takes too long is killed, and resumes from its last checkpoint.
fn stop(mut running: Vec<Running<'_>>) -> Error {
    let since = Instant::now();
    while !running.is_empty() {
        running.retain_mut(|run| matches!(run.child.try_wait(), Ok(None)));
        if since.elapsed() > PATIENCE {
            for run in &mut running {
                let _ = run.child.kill();
                let _ = run.child.wait();
            }
            break;
        }
        thread::sleep(INTERVAL);
    }
    say("interrupted; the same command resumes the sweep");
    Error::Interrupted
}

/// What a run writes to its terminal goes beside its directory.
fn log_file(directory: &Path) -> PathBuf {
    let mut name = directory.as_os_str().to_owned();
    name.push(".log");
    PathBuf::from(name)
}

/// `; about 4 min 05 s left`.
fn time_left(elapsed: Duration, done: usize, all: usize) -> String {
    match all - done {
        0 => String::new(),
        left => {
            let left = elapsed.mul_f64(left as f64 / done as f64);
            format!("; about {} left", time(left))
        }
    }
}
