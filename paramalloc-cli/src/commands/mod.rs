//! The subcommands, each a struct of its arguments and a `run`. Those that
//! need networks are in crate `paramalloc`, as they are for the program of an
//! experiment; `export` has a crate of its own.

mod compare;
mod plot;
mod report;
mod show;
mod train;

use clap::Subcommand;
use paramalloc::commands::{AddTaskArgs, EvalArgs, PredictArgs, PruneArgs, ResumeArgs, SweepArgs};
use paramalloc_export::ExportArgs;

use crate::error::Error;

/// What to do. A new subcommand is a variant here and a file.
// One value of it is made in a run of the tool.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Subcommand)]
pub enum Command {
    Plot(plot::Plot),
    Show(show::Show),
    Compare(compare::Compare),
    Report(report::Report),
    Train(train::Train),
    /// Adds tasks to a trained run, as a new run
    ///
    /// The new run has the tasks of the old one, then the new ones: with new heads and new
    /// rows of the routers, all else as it was trained. The new tasks are columns of a table
    /// (--table, --targets) that has the columns which the run learned from, or directories
    /// (--data-dir), as for the run itself.
    ///
    /// --freeze all trains the new tasks alone, on the network as it is: they choose among its
    /// components, and all that the old tasks compute keeps its bits. Without it all tasks
    /// are trained, on the run's own data as well, and what they share changes. The run's own
    /// data must be where they were in any case: the old tasks are evaluated beside the new.
    /// Settings that are not given are those of the run, its number of steps for each task
    /// among them.
    AddTask(AddTaskArgs),
    /// Evaluates the checkpoints of a run as they appear, on all splits
    Eval(EvalArgs),
    /// Predicts the rows of a table with trained runs; several are averaged
    Predict(PredictArgs),
    /// Writes the network of one task of a run: only what the task uses
    Prune(PruneArgs),
    /// Writes the network of a run as an ONNX file, for other runtimes
    ///
    /// Without --task all tasks are outputs of one graph. The input is `input`, of any
    /// batch size; for a run on a table it takes the numbers of the table as they are.
    /// A task's outputs are `TASK.logits` and `TASK.probabilities`, or `TASK.values`.
    Export(ExportArgs),
    /// Resumes a run that was stopped
    Resume(ResumeArgs),
    /// Trains every combination of the flags in a file, each in a directory of its own
    Sweep(SweepArgs),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// If anything that was asked was not done.
    pub fn run(self) -> Result<(), Error> {
        match self {
            Self::Train(command) => command.run(),
            Self::Plot(command) => command.run(),
            Self::Show(command) => command.run(),
            Self::Compare(command) => command.run(),
            Self::Report(command) => command.run(),
            Self::AddTask(command) => Ok(command.run().map(drop)?),
            Self::Eval(command) => Ok(command.run()?),
            Self::Predict(command) => Ok(command.run()?),
            Self::Prune(command) => Ok(command.run()?),
            Self::Export(command) => Ok(command.run()?),
            Self::Resume(command) => Ok(command.run().map(drop)?),
            Self::Sweep(command) => Ok(command.run_by_its_program()?),
        }
    }
}
