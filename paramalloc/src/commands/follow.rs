//! A run that another process trains, as it continues.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use console::Term;
use paramalloc_core::summary::{EvaluationMetric, Metric, TrainMetric};
use paramalloc_plot::allocation_table::AllocationTable;
use paramalloc_plot::{Run, timing};

use crate::display::{
    Activity, Display, Terminal, View, can_redraw, evaluation_line, progress_line,
};
use crate::error::Error;
use crate::metric_names::MetricNames;
use crate::run_dir::files::{LOCK, METRICS};
use crate::run_dir::lock::is_taken;

/// Time between two looks at the files of the run.
const INTERVAL: Duration = Duration::from_millis(300);
/// Time between two lines where standard output is no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// True if a process trains the run in a directory, where the file system has locks.
pub fn is_running(directory: &Path) -> bool {
    is_taken(&directory.join(LOCK))
}

/// Shows the run in a directory on standard output while another process trains
/// it: redrawn in place on a terminal, else a line from time to time and at each
/// evaluation. Returns when the run has ended or was stopped, and at once if
/// nobody trains it.
///
/// # Errors
/// If the files of the run cannot be read, or standard output cannot be written.
pub fn follow(directory: &Path) -> Result<(), Error> {
    let mut screen = Screen::new();
    let mut seen = None;
    while is_running(directory) {
        let metrics = directory.join(METRICS).metadata();
        let length = metrics.map_or(0, |metadata| metadata.len());
        if seen.replace(length) != Some(length) {
            match Run::read_running(directory) {
                Ok(run) => screen.show(&run, directory)?,
                Err(paramalloc_plot::Error::NotStarted { .. }) => screen.wait()?,
                Err(error) => return Err(error.into()),
            }
        }
        if screen.has_no_reader {
            break;
        }
        sleep(INTERVAL);
    }
    screen.close();
    Ok(())
}

/// Where a run is shown.
struct Screen {
    /// Nothing where lines cannot be drawn again.
    terminal: Option<Terminal>,
    /// When the last line was written, and the step of the last evaluation in one.
    line: Option<Instant>,
    evaluated: Option<u64>,
    has_no_reader: bool,
}

impl Screen {
    fn new() -> Self {
        let is_terminal = can_redraw(std::io::stdout().is_terminal());
        Self {
            terminal: is_terminal.then(|| Terminal::on(Term::stdout())),
            line: None,
            evaluated: None,
            has_no_reader: false,
        }
    }

    /// Says that there is nothing to see yet.
    fn wait(&mut self) -> Result<(), Error> {
        match (&mut self.terminal, self.line) {
            (Some(terminal), _) => terminal.tell("waiting for the first task steps"),
            (None, Some(_)) => {}
            (None, None) => self.write("waiting for the first task steps")?,
        }
        Ok(())
    }

    fn show(&mut self, run: &Run, directory: &Path) -> Result<(), Error> {
        let course = Course::of(run);
        let view = course.view(run, directory);
        if let Some(terminal) = &mut self.terminal {
            for line in &course.train {
                terminal.note(&line.task_loss, line.global_step, view.total);
            }
            terminal.show(&view);
            return Ok(());
        }
        let evaluated = course.evaluation.map(|line| line.global_step);
        if evaluated > self.evaluated {
            self.evaluated = evaluated;
            self.write(&evaluation_line(&view))?;
        }
        if self.line.is_none_or(|line| line.elapsed() >= BETWEEN_LINES) {
            self.line = Some(Instant::now());
            self.write(&progress_line(&view))?;
        }
        Ok(())
    }

    /// Writes a line to standard output, or takes note that nobody reads it.
    fn write(&mut self, line: &str) -> Result<(), Error> {
        let mut out = std::io::stdout().lock();
        match writeln!(out, "{line}").and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.has_no_reader = true,
            written => written.map_err(Error::Output)?,
        }
        Ok(())
    }

    fn close(&mut self) {
        if let Some(terminal) = &mut self.terminal {
            terminal.close();
        }
    }
}

/// What the lines of a run's metrics say.
struct Course<'a> {
    train: Vec<&'a TrainMetric>,
    evaluation: Option<&'a EvaluationMetric>,
    names: MetricNames,
    losses: Vec<Option<f64>>,
}

impl<'a> Course<'a> {
    fn of(run: &'a Run) -> Self {
        let (mut train, mut evaluation) = (Vec::new(), None);
        for metric in run.metrics() {
            match metric {
                Metric::Train(line) => train.push(line),
                Metric::Evaluation(line) => evaluation = Some(line),
            }
        }
        let summary = run.summary();
        let tasks = summary.tasks.iter();
        let names = tasks.map(|task| (task.name.clone(), summary.metric_of(task).to_owned()));
        let loss = |task: usize| {
            let mut lines = train.iter().rev();
            lines.find_map(|line| line.task_loss.get(task).copied().flatten())
        };
        let names = MetricNames::new(names.collect());
        Self {
            names: match summary.is_mixed() {
                true => names.without_mean(),
                false => names,
            },
            losses: (0..summary.tasks.len()).map(loss).collect(),
            train,
            evaluation,
        }
    }

    fn view<'b>(&'b self, run: &'b Run, directory: &Path) -> View<'b> {
        let (done, total) = (run.summary().global_step, run.summary().total_task_steps);
        let pace = timing::pace(directory);
        let left = total.saturating_sub(done) as f64;
        let left = pace.and_then(|pace| Duration::try_from_secs_f64(left * pace.per_step).ok());
        let temperature = self.train.last().map(|line| line.temperature);
        View {
            activity: Activity::Training,
            tasks: self.names.tasks().collect(),
            done,
            total,
            per_second: pace.map_or(0.0, |pace| pace.steps_per_second),
            time_left: left,
            temperature: temperature.filter(|&temperature| temperature > 0.0),
            recent_loss: &self.losses,
            evaluation: self.evaluation,
            metrics: &self.names,
            allocations: AllocationTable::of_summary(&run.summary().routed_layers),
            memory: None,
        }
    }
}
