//! What is trained, evaluated or pruned.

use std::path::Path;
use std::sync::Arc;

use paramalloc_core::error::{Error as CoreError, NetworkError};
use paramalloc_core::metric::{Metric, by_name, of_loss};
use paramalloc_core::network::Network;
use paramalloc_core::train::Trainer;
use paramalloc_data::DataSource;

use crate::error::Error;
use crate::session::logger::Logger;
use crate::settings::Settings;
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
    /// What the tasks are judged by in place of the metric of the loss.
    pub metric: Option<Arc<dyn Metric>>,
    /// Gives the trainer the optimizer, the schedule and the penalties of the
    /// experiment's own.
    pub prepare: &'a dyn Fn(&mut Trainer) -> Result<(), Error>,
    /// Makes the experiment's own loggers for the run in a directory.
    pub loggers: &'a MakeLoggers<'a>,
}

impl Subject<'_> {
    /// What its tasks are judged by.
    ///
    /// # Errors
    /// If there is no such metric, it does not take the targets of the loss, or
    /// the loss is not bound.
    pub fn metric(&self, settings: &Settings) -> Result<Arc<dyn Metric>, Error> {
        metric(self.metric.as_ref(), self.network, settings)
    }
}

/// What the tasks of `network` are judged by: the metric of the settings, else
/// `own`, else that of its loss.
///
/// # Errors
/// As [`Subject::metric`].
pub fn metric(
    own: Option<&Arc<dyn Metric>>,
    network: &Network,
    settings: &Settings,
) -> Result<Arc<dyn Metric>, Error> {
    let loss = &network.head.loss;
    let (Some(kind), Some(default)) = (loss.target_kind(), of_loss(loss)) else {
        return Err(Error::Core(CoreError::Network(NetworkError::Unbound {
            network: network.name.to_string(),
            what: "loss",
            name: loss.name().to_owned(),
        })));
    };
    let chosen = settings.metric.as_deref().map(by_name).transpose()?;
    match chosen.as_ref().or(own) {
        Some(own) if !own.accepts(kind) => Err(Error::Core(CoreError::MetricTargets {
            metric: own.name().to_owned(),
            loss: loss.name().to_owned(),
        })),
        Some(own) => Ok(own.clone()),
        None => Ok(default),
    }
}
