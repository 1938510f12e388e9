//! A saved run with its data and an untrained network of its kind, for the
//! programs that look at it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;
use paramalloc_core::data::Task;
use paramalloc_core::network::Multitask;
use paramalloc_core::summary::DataIdentity;
use paramalloc_core::train::{Trainer, checkpoint, from_safetensors};
use paramalloc_data::{DataError, DataOptions};

use crate::experiment::Loaded;
use crate::record::now::Now;
use crate::record::run_record::Recorded;
use crate::run_dir::checkpoints::{candidates, file_name};
use crate::run_dir::files::PARAMETERS;
use crate::run_dir::refused::cannot;
use crate::session::state::SessionState;
use crate::session::tasks;
use crate::settings::Settings;
use crate::settings::difference::{comparable, data_differ, other_data};
use crate::stdio::say;
use crate::stop::Stop;

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
    pub run: Recorded,
    /// Its settings.
    pub settings: Settings,
    /// Its data.
    pub data: DataIdentity,
    /// Its tasks.
    pub tasks: Vec<Task>,
    /// The network, at its initial parameters at first.
    pub trainer: Trainer,
}

impl Saved {
    /// Loads the data of a run and builds its network.
    ///
    /// # Errors
    /// A sentence, if the data are not to be had or not those of the run.
    pub fn open<N: Multitask>(
        run: Recorded,
        args: &SavedArgs,
        load: impl FnOnce(&DataOptions, &mut dyn FnMut(&str)) -> Result<Loaded, DataError>,
    ) -> Result<Self, Stop> {
        let options = data_options(&run, args);
        let (tasks, data) = load(&options, &mut |line| say(line))?;
        tasks::check(&tasks, N::NETWORK.head.loss)?;
        let held = run.origin.data_identity.as_ref();
        if let Some(difference) = held.and_then(|held| data_differ(held, &data)) {
            return Err(other_data(&run.folder, &difference));
        }
        let threads = args.threads.map(|threads| threads as usize);
        let resolved = Settings {
            threads,
            ..run.settings.clone()
        }
        .resolve(&tasks);
        let outputs: Vec<usize> = tasks.iter().map(|t| t.outputs).collect();
        let trainer = Trainer::new(&N::NETWORK, &resolved.train(), &outputs, resolved.threads);
        Ok(Self {
            run,
            settings: resolved.settings,
            data,
            tasks,
            trainer: trainer.map_err(Stop::failure)?,
        })
    }

    /// Restores a checkpoint of this run, or says why it cannot be.
    ///
    /// # Errors
    /// A sentence that goes on from the name of the file.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<SessionState, String> {
        let (_, kept) = checkpoint::read_extra::<SessionState>(bytes).map_err(|e| e.to_string())?;
        let now = Now {
            experiment: &self.run.experiment,
            settings: &self.settings,
            data: &self.data,
            tasks: &self.tasks,
        };
        match kept.differ(&now)? {
            Some(differences) => Err(format!("it is of a run with {differences}")),
            None => self.trainer.restore(bytes).map_err(|e| e.to_string()),
        }
    }

    /// Takes the network that a checkpoint of this run holds.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub fn take_file(&mut self, path: &Path) -> Result<(), Stop> {
        let bytes = fs::read(path).map_err(|e| cannot("read", path, &e))?;
        let restored = self.restore(&bytes);
        restored.map_err(|sentence| Stop::Failure(format!("{}: {sentence}", path.display())))?;
        Ok(())
    }

    /// Takes the network of a run as it stands: the checkpoint at the end of a
    /// finished run, else the newest whole one of an unfinished, else the
    /// parameters, which have no checksum and do not say whose they are. Gives
    /// the file that it took.
    ///
    /// # Errors
    /// A sentence, if there is none that can be used.
    pub fn take_newest(&mut self) -> Result<String, Stop> {
        let folder = self.run.folder.clone();
        let end = self.run.outcome_or_warning().map(|s| s.global_step);
        if let Some(path) = self.take_checkpoint(end)? {
            return Ok(path.display().to_string());
        }
        let path = folder.join(PARAMETERS);
        say(&format!(
            "warning: no checkpoint of the run as it stands can be used; {} is taken, which has no checksum",
            path.display()
        ));
        let bytes = fs::read(&path).map_err(|e| cannot("read", &path, &e))?;
        let loaded =
            from_safetensors(&bytes).and_then(|(tensors, _)| self.trainer.set_parameters(&tensors));
        let named = |e| Stop::Failure(format!("{}: {e}", path.display()));
        loaded.map_err(named)?;
        Ok(path.display().to_string())
    }
}

impl Saved {
    /// CRC-32 of the run: its experiment, the settings that change results, its
    /// data and its tasks.
    ///
    /// # Errors
    /// If the settings cannot be written as JSON.
    pub fn run_crc(&self) -> Result<u32, Stop> {
        let names: Vec<&str> = self.tasks.iter().map(|task| task.name.as_str()).collect();
        let settings = comparable(&self.settings)?;
        let run = (&self.run.experiment, settings, &self.data, names);
        let json = serde_json::to_vec(&run).map_err(Stop::failure)?;
        Ok(crc32fast::hash(&json))
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
    fn take_checkpoint(&mut self, end: Option<u64>) -> Result<Option<PathBuf>, Stop> {
        let mut tried = HashSet::new();
        // Beside a run in training, old ones vanish while new ones come.
        'listed: loop {
            for path in candidates(&self.run.folder)? {
                let is_end = |end| path.ends_with(file_name(end));
                if !end.is_none_or(is_end) || !tried.insert(path.clone()) {
                    continue;
                }
                let sentence = match fs::read(&path) {
                    Ok(bytes) => match self.restore(&bytes) {
                        Ok(_) => return Ok(Some(path)),
                        Err(sentence) => sentence,
                    },
                    Err(e) if e.kind() == io::ErrorKind::NotFound => continue 'listed,
                    Err(e) => format!("cannot read it: {e}"),
                };
                say(&format!("warning: {}: {sentence}", path.display()));
            }
            return Ok(None);
        }
    }
}

/// Where to look for the data of a run.
fn data_options(run: &Recorded, args: &SavedArgs) -> DataOptions {
    let mut options = run.settings.data_options();
    if args.data_dir.is_some() {
        options.data_dir.clone_from(&args.data_dir);
    }
    run.choose_data(&mut options);
    options
}
