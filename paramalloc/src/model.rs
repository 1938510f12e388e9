//! A trained network, to predict with.

use std::fmt;
use std::path::{Path, PathBuf};

use paramalloc_core::data::TargetKind;
use paramalloc_core::network::Network;
use paramalloc_core::network::shape::Dims;
use paramalloc_core::train::Trainer;
use paramalloc_data::Normalization;
use paramalloc_data::table::{TableRecord, TargetColumn, TargetInfo};

use crate::commands::prune::find_task;
use crate::commands::saved::{Saved, ThreadsArg};
use crate::commands::stored;
use crate::error::Error;
use crate::record::run_record::RunRecord;
use crate::record::table_file;
use crate::settings::config::TaskConfig;

/// The trained network of a run.
///
/// ```no_run
/// # fn main() -> Result<(), paramalloc::Error> {
/// let mut model = paramalloc::Model::load("runs/table-gumbel_matrix-seed0-001")?;
/// let features = vec![0.0; model.input_len()];
/// let predictions = model.predict(0, &features)?;
/// println!("{} of {}: {:?}", model.tasks()[0], "the first row", predictions.row(0));
/// # Ok(())
/// # }
/// ```
pub struct Model {
    saved: Saved,
    input: Dims,
    table: Option<TableRecord>,
    file: PathBuf,
}

/// Which of the parameters that a run has saved.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub enum Saving<'a> {
    /// The best by the validation split, if the run keeps these
    /// ([`Settings::select`](crate::Settings::select)), else the last.
    #[default]
    Best,
    /// The last.
    Last,
    /// Those of this checkpoint of it.
    Checkpoint(&'a Path),
}

const ALL_THREADS: ThreadsArg = ThreadsArg { threads: None };

/// What a network predicts for some rows.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Predicted {
    /// Numbers for each row, at least 1.
    pub width: usize,
    /// The numbers, row by row: the probability of each class, that of each label,
    /// or the values in their units; of a head per pixel those of each pixel, one
    /// pixel after the other.
    pub values: Vec<f64>,
}

impl Predicted {
    /// The numbers of a row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.width..][..self.width]
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.width
    }
}

impl Model {
    /// Loads the network of a run with its best parameters by the validation split,
    /// if the run keeps these ([`Settings::select`](crate::Settings::select)),
    /// else with its last.
    ///
    /// # Errors
    /// If there is no run, its parameters cannot be used, or its network has a
    /// layer of a user's own.
    pub fn load(run: impl AsRef<Path>) -> Result<Self, Error> {
        let network = |run: &mut RunRecord| stored::network(run, "predict");
        Self::load_as(run.as_ref(), (Saving::Best, &ALL_THREADS), &network)
    }

    /// The same with these parameters. `command` is what the run's own program is to be
    /// called with, where only that knows a part of the network.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_from(
        run: impl AsRef<Path>,
        saving: Saving<'_>,
        command: &'static str,
    ) -> Result<Self, Error> {
        let network = |run: &mut RunRecord| stored::network(run, command);
        Self::load_as(run.as_ref(), (saving, &ALL_THREADS), &network)
    }

    /// The same of a run of `network`, which may have parts of a user's own.
    ///
    /// # Errors
    /// If there is no run, or its parameters cannot be used or are not of this network.
    pub fn load_of(
        run: impl AsRef<Path>,
        saving: Saving<'_>,
        network: &Network,
    ) -> Result<Self, Error> {
        let known = |_: &mut RunRecord| Ok(network.clone());
        Self::load_as(run.as_ref(), (saving, &ALL_THREADS), &known)
    }

    /// Loads it as a command asks for. `network` gives the network of a run.
    pub(crate) fn load_as(
        run: &Path,
        (saving, threads): (Saving<'_>, &ThreadsArg),
        network: &dyn Fn(&mut RunRecord) -> Result<Network, Error>,
    ) -> Result<Self, Error> {
        let mut run = RunRecord::read(run)?;
        let network = network(&mut run)?;
        let table = table_file::read(&run, &network)?;
        run.normalization(&network)?;
        let mut saved = Saved::new(run, &network, threads)?;
        let file = match saving {
            Saving::Best => saved.take(false)?,
            Saving::Last => saved.take(true)?,
            Saving::Checkpoint(path) => saved.take_file(path).map(|()| path.to_owned())?,
        };
        Ok(Self {
            input: network.input,
            saved,
            table,
            file,
        })
    }

    /// Names of the tasks, in order.
    pub fn tasks(&self) -> Vec<&str> {
        let tasks = self.saved.run.config.tasks.iter();
        tasks.map(|task| task.name.as_str()).collect()
    }

    /// The task of this name, or of this number, counted from 0.
    ///
    /// # Errors
    /// [`Error::NoTask`] if there is none.
    pub fn find_task(&self, wanted: &str) -> Result<usize, Error> {
        find_task(&self.saved.run.config.tasks, wanted)
    }

    /// Its network, with the parameters that were taken.
    pub fn trainer(&self) -> &Trainer {
        &self.saved.trainer
    }

    /// Names of the classes of a task; empty for one without classes.
    ///
    /// # Panics
    /// If there is no such task.
    pub fn class_names(&self, task: usize) -> &[String] {
        &self.saved.run.config.tasks[task].class_names
    }

    /// Number of values of an input.
    pub fn input_len(&self) -> usize {
        self.input.len()
    }

    /// Shape of an input.
    pub(crate) fn input(&self) -> Dims {
        self.input
    }

    /// True if a task is predicted at each pixel.
    pub(crate) fn is_per_pixel(&self) -> bool {
        let mut heads = self.saved.trainer.plan().heads.iter();
        heads.any(|head| head.pixels > 1)
    }

    /// Outputs of each task.
    pub(crate) fn widths(&self) -> Vec<usize> {
        let tasks = self.saved.run.config.tasks.iter();
        tasks.map(|task| task.outputs).collect()
    }

    /// What each task predicts.
    pub(crate) fn targets(&self) -> Vec<TargetInfo> {
        if let Some(table) = &self.table {
            return table.targets.clone();
        }
        let tasks = self.saved.run.config.tasks.iter();
        let target = |(index, task): (usize, &TaskConfig)| {
            let (kind, classes) = match self.kind(index) {
                TargetKind::Classes if task.class_names.is_empty() => {
                    let numbers = (0..task.outputs).map(|class| class.to_string());
                    (TargetColumn::Classes, numbers.collect())
                }
                TargetKind::Classes => (TargetColumn::Classes, task.class_names.clone()),
                TargetKind::Labels => (TargetColumn::Label, Vec::new()),
                _ => (TargetColumn::Value, Vec::new()),
            };
            TargetInfo::new(task.name.clone(), kind, classes)
        };
        tasks.enumerate().map(target).collect()
    }

    fn kind(&self, task: usize) -> TargetKind {
        let kind = self.saved.trainer.plan().heads[task].loss.target_kind();
        kind.unwrap_or(TargetKind::Values)
    }

    /// What was made of the table that the run learned from, if it did: how its
    /// columns become inputs.
    pub fn table(&self) -> Option<&TableRecord> {
        self.table.as_ref()
    }

    /// What images are normalized by before the network reads them, if they are;
    /// [`predict`](Self::predict) takes them normalized, and
    /// [`NewInputs`](crate::data::NewInputs) does so.
    pub fn normalization(&self) -> Option<&Normalization> {
        let images = self.table.as_ref().and_then(|table| table.images.as_ref());
        let of_table = images.map(|images| &images.normalization);
        of_table.or(self.saved.run.config.normalization.as_ref())
    }

    /// The directory of the images that the run's table names, where it was in
    /// training.
    pub(crate) fn images_directory(&self) -> Option<PathBuf> {
        let options = &self.saved.run.config.source.options;
        let images = options.get("images")?;
        Some(images.get("directory")?.as_str()?.into())
    }

    /// The file that the parameters are from.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What task `task` is for `inputs`, `[rows, values]`, encoded as in training
    /// ([`TableRows`](crate::data::table::TableRows) does so for a table).
    ///
    /// # Errors
    /// If there is no such task, or `inputs` are not whole rows, at least one.
    pub fn predict(&mut self, task: usize, inputs: &[f32]) -> Result<Predicted, Error> {
        let outputs = self.saved.trainer.logits(task, inputs)?;
        let rows = inputs.len() / self.input.len();
        let width = outputs.len() / rows;
        let of_pixel = self.saved.trainer.plan().heads[task].outputs;
        let kind = self.kind(task);
        let info = self
            .table
            .as_ref()
            .and_then(|table| table.targets.get(task));
        let values = outputs.chunks_exact(of_pixel).flat_map(|row| match kind {
            TargetKind::Classes => softmax(row),
            TargetKind::Labels => row.iter().map(|&logit| sigmoid(logit)).collect(),
            _ => row.iter().map(|&value| in_units(value, info)).collect(),
        });
        let values = values.collect();
        Ok(Predicted { width, values })
    }
}

/// A value as the table has it.
fn in_units(value: f32, info: Option<&TargetInfo>) -> f64 {
    match info.filter(|info| info.kind == TargetColumn::Value) {
        Some(info) => info.mean + info.deviation * f64::from(value),
        None => value.into(),
    }
}

fn softmax(logits: &[f32]) -> Vec<f64> {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = logits
        .iter()
        .map(|&z| (f64::from(z) - f64::from(top)).exp());
    let powers: Vec<f64> = powers.collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn sigmoid(logit: f32) -> f64 {
    let small = (-f64::from(logit.abs())).exp();
    match logit >= 0.0 {
        true => 1.0 / (1.0 + small),
        false => small / (1.0 + small),
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model")
            .field("run", &self.saved.run.path)
            .field("file", &self.file)
            .field("tasks", &self.tasks())
            .finish_non_exhaustive()
    }
}
