//! What is trained, evaluated or pruned.

use std::path::Path;

use paramalloc_core::network::Network;
use paramalloc_core::train::Trainer;
use paramalloc_data::DataSource;

use crate::error::Error;
use crate::session::logger::Logger;
use crate::settings::config::Addition;

/// Makes the loggers of the run in a directory.
pub type MakeLoggers<'a> = dyn Fn(&Path) -> Result<Vec<Box<dyn Logger>>, Error> + 'a;

/// What is trained.
pub struct Subject<'a> {
    /// Name of the experiment.
    pub experiment: &'a str,
    /// The network.
    pub network: &'a Network,
    /// Where the tasks come from.
    pub source: &'a dyn DataSource,
    /// What the experiment adds.
    pub additions: &'a [Addition],
    /// Gives the trainer the optimizer, the schedule and the penalties of the
    /// experiment's own.
    pub prepare: &'a dyn Fn(&mut Trainer) -> Result<(), Error>,
    /// Makes the experiment's own loggers for the run in a directory.
    pub loggers: &'a MakeLoggers<'a>,
}
