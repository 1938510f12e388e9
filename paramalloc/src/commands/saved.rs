//! A saved run with a network of its kind, into which its checkpoints are
//! restored, for the commands that look at it.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use paramalloc_core::network::{Network, TaskHead};
use paramalloc_core::summary::{DataIdentity, read_whole};
use paramalloc_core::train::Trainer;
use serde::de::IgnoredAny;

use crate::error::{CheckpointError, Error};
use crate::record::now::Now;
use crate::record::restore;
use crate::record::run_record::RunRecord;
use crate::run_dir::checkpoints::{BEST, candidates, file_name};
use crate::run_dir::files::{CHECKPOINTS, PARAMETERS, SUMMARY};
use crate::run_dir::parameters;
use crate::settings::Settings;
use crate::settings::config::TaskConfig;
use crate::settings::difference::comparable;
use crate::stdio::say;

/// The number of threads of a command that looks at a run.
#[derive(Args, Clone, Debug)]
pub struct ThreadsArg {
    /// Threads; their number changes no result [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub threads: Option<u64>,
}

/// A run and a network that its checkpoints fit.
pub struct Saved {
    /// The run.
    pub run: RunRecord,
    /// The network, at its initial parameters at first.
    pub trainer: Trainer,
}

impl Saved {
    /// Builds the network of a run.
    ///
    /// # Errors
    /// If the network does not fit the tasks or the settings of the run.
    pub fn new(run: RunRecord, network: &Network, threads: &ThreadsArg) -> Result<Self, Error> {
        let resolved = Settings {
            threads: threads.threads.map(|threads| threads as usize),
            ..run.config.settings.clone()
        }
        .resolve(&[]);
        let heads: Vec<TaskHead> = run.config.tasks.iter().map(TaskConfig::head).collect();
        let trainer = Trainer::new(network, &resolved.train(), &heads, resolved.threads)?;
        Ok(Self { run, trainer })
    }

    /// Takes the parameters of a checkpoint of this run.
    ///
    /// # Errors
    /// Why it cannot be; the network is as it was.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        let now = Now {
            config: &self.run.config,
        };
        restore::of_run(bytes, &now)?;
        let restored = self.trainer.restore_parameters::<IgnoredAny>(bytes);
        restored.map(drop).map_err(CheckpointError::OtherNetwork)
    }

    /// Takes the network that a checkpoint of this run holds.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] naming the file.
    pub fn take_file(&mut self, path: &Path) -> Result<(), Error> {
        let restored = read_whole(path)
            .map_err(CheckpointError::Read)
            .and_then(|bytes| self.restore(&bytes));
        restored.map_err(|source| Error::Checkpoint {
            path: path.to_owned(),
            source,
        })
    }

    /// Takes the best parameters of a run that reports the best by its validation
    /// split, else, or if `last`, those of [`Self::take_newest`]. Gives the file
    /// that it took.
    ///
    /// # Errors
    /// If there is none that can be used.
    pub fn take(&mut self, last: bool) -> Result<PathBuf, Error> {
        if !last && self.run.config.settings.takes_best() {
            let path = self.run.path.join(CHECKPOINTS).join(BEST);
            match path.exists() {
                true => return self.take_file(&path).map(|()| path),
                false => say(&self.no_best()),
            }
        }
        self.take_newest()
    }

    /// Why the last parameters are taken where the best were asked for.
    fn no_best(&self) -> String {
        let summary = self.run.outcome_or_warning();
        match summary.is_some_and(|summary| summary.results_step.is_some()) {
            true => format!(
                "warning: {CHECKPOINTS}/{BEST} is missing, the best parameters of the run; the last are taken, which do not give the results in {SUMMARY}"
            ),
            false => {
                "The run has no best parameters by a validation split; the last are taken.".into()
            }
        }
    }

    /// Takes the network of a run as it stands: the checkpoint at the end of a
    /// finished run, else the newest whole one of an unfinished, else the
    /// parameters, which have no checksum and do not say whose they are. Gives
    /// the file that it took.
    ///
    /// # Errors
    /// If there is none that can be used.
    fn take_newest(&mut self) -> Result<PathBuf, Error> {
        let end = self.run.outcome_or_warning().map(|s| s.global_step);
        if let Some(path) = self.take_checkpoint(end)? {
            return Ok(path);
        }
        let path = self.run.path.join(PARAMETERS);
        say(&format!(
            "warning: no checkpoint of the run as it stands can be used; {} is taken, which has no checksum",
            path.display()
        ));
        let bytes = read_whole(&path).map_err(Error::io("read", &path))?;
        let loaded = parameters::from_bytes(&bytes).and_then(|parameters| {
            let set = self.trainer.set_parameters(&parameters);
            set.map_err(CheckpointError::OtherNetwork)
        });
        match loaded {
            Ok(()) => Ok(path),
            Err(source) => Err(Error::Checkpoint { path, source }),
        }
    }

    /// CRC-32 of the run: its experiment, the settings that change results, its
    /// data and its tasks.
    ///
    /// # Errors
    /// If the settings cannot be written as JSON.
    pub fn run_crc(&self) -> Result<u32, Error> {
        let config = &self.run.config;
        let names: Vec<&str> = config.tasks.iter().map(|task| task.name.as_str()).collect();
        let data: &DataIdentity = &config.data_identity;
        let json = comparable(&config.settings)
            .and_then(|settings| serde_json::to_vec(&(&config.experiment, settings, data, names)));
        Ok(crc32fast::hash(&json.map_err(Error::json("the settings"))?))
    }

    /// CRC-32 of all parameters.
    pub fn parameters_crc(&self) -> u32 {
        let mut crc = crc32fast::Hasher::new();
        for tensor in self.trainer.parameters() {
            crc.update(tensor.path.as_bytes());
            let values = tensor.values.iter().flat_map(|v| v.to_le_bytes());
            crc.update(&values.collect::<Vec<u8>>());
        }
        crc.finalize()
    }

    /// Takes the newest checkpoint that is whole and of this run, of a finished
    /// run only that of its `end`.
    fn take_checkpoint(&mut self, end: Option<u64>) -> Result<Option<PathBuf>, Error> {
        let mut tried = HashSet::new();
        // Beside a run in training, old ones vanish while new ones come.
        'listed: loop {
            for path in candidates(&self.run.path)? {
                let is_end = |end| path.ends_with(file_name(end));
                if !end.is_none_or(is_end) || !tried.insert(path.clone()) {
                    continue;
                }
                let source = match read_whole(&path) {
                    Ok(bytes) => match self.restore(&bytes) {
                        Ok(()) => return Ok(Some(path)),
                        Err(source) => source,
                    },
                    Err(e) if e.kind() == io::ErrorKind::NotFound => continue 'listed,
                    Err(e) => CheckpointError::Read(e),
                };
                say(&format!("warning: {}: {source}", path.display()));
            }
            return Ok(None);
        }
    }
}
