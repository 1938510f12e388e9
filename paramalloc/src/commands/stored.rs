//! The network, the data source and the metrics of a run, from its directory
//! alone.

use std::sync::Arc;

use paramalloc_core::network::{Network, Registry};
use paramalloc_core::summary::RunManifest;
use paramalloc_data::{DataSource, sources};

use crate::error::Error;
use crate::record::network_file;
use crate::record::run_record::RunRecord;
use crate::run_dir::files::NETWORK;
use crate::settings::config::Addition;
use crate::task_metrics::TaskMetrics;

/// The network of a run. `command` is what its own program is to be called
/// with where a layer or a router of the network is not known here.
///
/// # Errors
/// [`Error::Record`] and [`Error::Changed`] about `network.json`,
/// [`Error::UnknownPart`] naming the program.
pub fn network(run: &RunRecord, command: &'static str) -> Result<Network, Error> {
    let path = run.path.join(NETWORK);
    if RunManifest::is_changed(&run.path, NETWORK) {
        return Err(Error::Changed { path });
    }
    let read = network_file::read(&path);
    let mut network = read.map_err(|source| Error::Record { path, source })?;
    match network.bind(&Registry::new()) {
        Ok(()) => Ok(network),
        Err(source) => Err(Error::UnknownPart {
            path: run.path.clone(),
            source,
            program: run.config.program.clone(),
            command,
        }),
    }
}

/// The data source of a run. `command` is what its own program is to be called
/// with where the source is not known here.
///
/// # Errors
/// [`Error::UnknownSource`] naming the program, or what is wrong with the stored
/// options.
pub fn source(run: &RunRecord, command: &'static str) -> Result<Arc<dyn DataSource>, Error> {
    let source = &run.config.source;
    let found = sources::by_name(&source.name, &source.options)?;
    found.ok_or_else(|| Error::UnknownSource {
        path: run.path.clone(),
        name: source.name.clone(),
        program: run.config.program.clone(),
        command,
    })
}

/// What the tasks of a run with this network are judged by. `command` is what its own program is
/// to be called with where the metric is not known here.
///
/// # Errors
/// [`Error::OwnAdditions`] naming the program, or what is wrong with the stored
/// metric.
pub fn metrics(
    run: &RunRecord,
    network: &Network,
    command: &'static str,
) -> Result<TaskMetrics, Error> {
    let settings = &run.config.settings;
    let is_own = run.config.additions.contains(&Addition::Metric);
    match is_own && settings.metric.is_none() {
        false => TaskMetrics::new(None, network, run.heads(), settings),
        true => Err(Error::OwnAdditions {
            path: run.path.clone(),
            what: "a metric",
            program: run.config.program.clone(),
            command,
        }),
    }
}
