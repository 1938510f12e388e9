//! What an experiment is.

use paramalloc_core::data::Task;
use paramalloc_core::network::Multitask;
use paramalloc_core::summary::DataIdentity;
use paramalloc_data::{DataError, DataOptions};

use crate::arguments::flags::NoOptions;
use crate::error::Error;
use crate::settings::Settings;
use crate::setup::Setup;

/// What is special about an experiment, but for its network and tasks.
#[derive(Clone, Debug, Default)]
pub struct Experiment {
    /// Name of the program and of its runs.
    pub name: &'static str,
    /// What it does, for `--help`.
    pub about: &'static str,
    /// Settings that neither a config file nor a flag gives.
    pub defaults: Settings,
    /// True if the same command goes on with a run that was stopped: with
    /// `--logdir` in that folder, else in the one of its name under `runs/`.
    pub resumes: bool,
    /// Shared settings that it has no use for, `data_dir` for example: their
    /// flags are refused and not in its help.
    pub without: &'static [&'static str],
}

/// Tasks and what they are made from.
pub type Loaded = (Vec<Task>, DataIdentity);

/// Runs an experiment as the command line says. `load` makes the tasks and
/// has lines for the user.
///
/// # Errors
/// What is wrong in one sentence, or that the run was interrupted.
pub fn experiment<N: Multitask>(
    experiment: &Experiment,
    load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
) -> Result<(), Error> {
    let setup = Setup::<NoOptions>::new(experiment)?;
    setup.train::<N>(load).map(drop)
}
