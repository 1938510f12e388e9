//! A saved run with its data and an untrained network of its kind, for the
//! programs that look at it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;
use paramalloc_core::data::Task;
use paramalloc_core::network::Multitask;
use paramalloc_core::train::{Trainer, from_safetensors};
use paramalloc_data::{DataError, DataOptions};
use serde::de::IgnoredAny;

use crate::error::{CheckpointError, Error};
use crate::experiment::Loaded;
use crate::record::now::Now;
use crate::record::restore;
use crate::record::run_record::RunRecord;
use crate::run_dir::checkpoints::{candidates, file_name};
use crate::run_dir::files::PARAMETERS;
use crate::session::tasks;
use crate::settings::Settings;
use crate::settings::difference::{comparable, data_differ};
use crate::stdio::say;

/// What the programs that look at a run have in common on their command
/// lines.
#[derive(Args, Clone, Debug)]
pub struct SavedArgs {
    /// Folder with the data sets, in place of the one that the run used
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Threads; their number changes no result [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub threads: Option<u64>,
}

/// A run, its data and a network that its checkpoints fit.
pub struct Saved {
    /// The run.
    pub run: RunRecord,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// The network, at its initial parameters at first.
    pub trainer: Trainer,
}

impl Saved {
    /// Loads the data of a run and builds its network.
    ///
    /// # Errors
    /// If the data are not to be had or not those of the run.
    pub fn open<N: Multitask>(
        run: RunRecord,
        args: &SavedArgs,
        load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
    ) -> Result<Self, Error> {
        let options = data_options(&run, args);
        let (tasks, data) = load(&options, &mut |line| say(line))?;
        tasks::check(&tasks, N::NETWORK.head.loss)?;
        if let Some(difference) = data_differ(&run.config.data_identity, &data) {
            return Err(Error::OtherData {
                path: run.path,
                difference,
            });
        }
        let threads = args.threads.map(|threads| threads as usize);
        let resolved = Settings {
            threads,
            ..run.config.settings.clone()
        }
        .resolve(&tasks);
        let outputs: Vec<usize> = tasks.iter().map(|t| t.outputs).collect();
        let trainer = Trainer::new(&N::NETWORK, &resolved.train(), &outputs, resolved.threads)?;
        Ok(Self {
            run,
            tasks,
            trainer,
        })
    }

    /// Restores a checkpoint of this run.
    ///
    /// # Errors
    /// Why it cannot be; the network is as it was.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), CheckpointError> {
        let now = Now {
            config: &self.run.config,
            tasks: &self.tasks,
        };
        restore::of_run(bytes, &now)?;
        let restored = self.trainer.restore::<IgnoredAny>(bytes);
        restored.map(drop).map_err(CheckpointError::OtherNetwork)
    }

    /// Takes the network that a checkpoint of this run holds.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] naming the file.
    pub fn take_file(&mut self, path: &Path) -> Result<(), Error> {
        let restored = fs::read(path)
            .map_err(CheckpointError::Read)
            .and_then(|bytes| self.restore(&bytes));
        restored.map_err(|source| Error::Checkpoint {
            path: path.to_owned(),
            source,
        })
    }

    /// Takes the network of a run as it stands: the checkpoint at the end of a
    /// finished run, else the newest whole one of an unfinished, else the
    /// parameters, which have no checksum and do not say whose they are. Gives
    /// the file that it took.
    ///
    /// # Errors
    /// If there is none that can be used.
    pub fn take_newest(&mut self) -> Result<String, Error> {
        let end = self.run.outcome_or_warning().map(|s| s.global_step);
        if let Some(path) = self.take_checkpoint(end)? {
            return Ok(path.display().to_string());
        }
        let path = self.run.path.join(PARAMETERS);
        say(&format!(
            "warning: no checkpoint of the run as it stands can be used; {} is taken, which has no checksum",
            path.display()
        ));
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        let loaded =
            from_safetensors(&bytes).and_then(|(tensors, _)| self.trainer.set_parameters(&tensors));
        loaded.map_err(|source| Error::Checkpoint {
            path: path.clone(),
            source: CheckpointError::Damaged(source),
        })?;
        Ok(path.display().to_string())
    }

    /// CRC-32 of the run: its experiment, the settings that change results, its
    /// data and its tasks.
    ///
    /// # Errors
    /// If the settings cannot be written as JSON.
    pub fn run_crc(&self) -> Result<u32, Error> {
        let names: Vec<&str> = self.tasks.iter().map(|task| task.name.as_str()).collect();
        let config = &self.run.config;
        let json = comparable(&config.settings).and_then(|settings| {
            serde_json::to_vec(&(&config.experiment, settings, &config.data_identity, names))
        });
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
                let source = match fs::read(&path) {
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

/// Where to look for the data of a run.
fn data_options(run: &RunRecord, args: &SavedArgs) -> DataOptions {
    let mut options = run.config.settings.data_options();
    if args.data_dir.is_some() {
        options.data_dir.clone_from(&args.data_dir);
    }
    run.choose_data(&mut options);
    options
}
