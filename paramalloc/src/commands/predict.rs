//! Predicts tables, images or arrays with one trained run, or several.

mod columns;
mod input;
mod output;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use paramalloc_core::network::Network;
use paramalloc_data::table::{RowBatch, TargetInfo};
use paramalloc_plot::format::{count, thousands};

use super::prune::check_out;
use super::saved::ThreadsArg;
use super::stored;
use crate::error::{Error, PredictError};
use crate::model::{Model, Predicted, Saving};
use crate::record::run_record::RunRecord;
use crate::stdio::say;
use columns::{Columns, mean_and_spread};
use input::Input;
use output::Output;

/// Rows that are predicted at a time.
const ROWS: usize = 4096;
/// Values of their inputs, at most: large images are predicted fewer at a time.
const VALUES: usize = 1 << 24;

/// Predict a table, images or arrays with trained runs; several are averaged
#[derive(Args, Clone, Debug)]
pub struct PredictArgs {
    /// Directories of runs, then what to predict: a table (.csv, .tsv, .npz) for runs
    /// on tables, an array x (.npz), an image or a directory of images for others;
    /// any but a .npz table for runs on images that a table names
    #[arg(value_names = ["RUN", "INPUT"], num_args = 2.., required = true)]
    paths: Vec<PathBuf>,

    /// Directory of the images that a table names [default: that of the training]
    #[arg(long, value_name = "DIR")]
    images: Option<PathBuf>,

    /// File to write, .csv or .npz, which must not be there yet; -: standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,

    /// Take the last parameters, of runs that keep the best too
    #[arg(long)]
    last: bool,

    #[command(flatten)]
    threads: ThreadsArg,
}

/// Gives the network of a run.
type NetworkOf<'a> = dyn Fn(&mut RunRecord) -> Result<Network, Error> + 'a;

impl PredictArgs {
    /// Predicts, with what the directories of the runs say alone.
    ///
    /// # Errors
    /// If a run or the input cannot be used, a network has a layer that this program
    /// does not know, the runs have other tasks, or the predictions cannot be
    /// written.
    pub fn run(&self) -> Result<(), Error> {
        self.run_by(&|run| stored::network(run, "predict"))
    }

    /// Predicts, where `network` gives the network of a run.
    pub(crate) fn run_by(&self, network: &NetworkOf<'_>) -> Result<(), Error> {
        let Some((input, runs)) = self.paths.split_last() else {
            return Err(Error::refused("name a run and what to predict"));
        };
        if self.out != Path::new("-") {
            check_out(&self.out)?;
        }
        let mut readers = Vec::new();
        for run in runs {
            readers.push(Reader::open(run, input, self, network)?);
        }
        let targets = readers[0].targets.clone();
        for reader in &readers[1..] {
            if !are_same(&targets, &reader.targets) {
                return Err(Error::from(PredictError::OtherTasks {
                    path: reader.path.clone(),
                    other: readers[0].path.clone(),
                }));
            }
        }
        let ids: Vec<String> = (readers[0].input.id_columns().iter())
            .map(|&name| name.to_owned())
            .collect();
        let columns = Columns::new(&targets, &readers[0].model.widths(), readers.len());
        let mut output = Output::create(&self.out, ids, columns.names())?;
        let written = predict(&mut readers, &columns, &mut output);
        let rows = match written.and_then(|rows| output.finish().map(|()| rows)) {
            Ok(rows) => rows,
            // A reader that has gone away has read what it wanted.
            Err(Error::Output(error)) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => {
                if self.out != Path::new("-") {
                    // A file that is not whole is not to be left.
                    let _ = std::fs::remove_file(&self.out);
                }
                return Err(error);
            }
        };
        let unknown = readers[0].input.unknown_texts();
        if unknown > 0 {
            say(&format!(
                "warning: {} cells have a text that no training row had; they are taken for none of the known ones",
                thousands(unknown)
            ));
        }
        say(&format!(
            "{}, {}, from {}",
            count(rows as usize, "row"),
            count(targets.len(), "task"),
            shown(&readers),
        ));
        Ok(())
    }
}

/// A run, and the table as it reads it.
struct Reader {
    path: PathBuf,
    model: Model,
    targets: Vec<TargetInfo>,
    input: Input,
}

impl Reader {
    fn open(
        run: &Path,
        input: &Path,
        args: &PredictArgs,
        network: &NetworkOf<'_>,
    ) -> Result<Self, Error> {
        let saving = if args.last {
            Saving::Last
        } else {
            Saving::Best
        };
        let model = Model::load_as(run, (saving, &args.threads), network)?;
        if model.is_per_pixel() {
            return Err(Error::from(PredictError::PerPixel {
                path: run.to_owned(),
            }));
        }
        Ok(Self {
            path: run.to_owned(),
            targets: model.targets(),
            input: Input::open(input, args.images.as_deref(), &model)?,
            model,
        })
    }

    /// What each task is for some rows.
    fn predict(&mut self, batch: &RowBatch) -> Result<Vec<Predicted>, Error> {
        let tasks = 0..self.targets.len();
        let inputs = &batch.inputs;
        tasks.map(|task| self.model.predict(task, inputs)).collect()
    }
}

/// Predicts and writes all rows; gives their number.
fn predict(readers: &mut [Reader], columns: &Columns, output: &mut Output) -> Result<u64, Error> {
    let mut rows = 0;
    loop {
        let mut all = Vec::new();
        let mut ids = Vec::new();
        for reader in readers.iter_mut() {
            let most = (VALUES / reader.model.input_len()).clamp(16, ROWS);
            let batch = reader.input.next(most)?;
            if batch.rows == 0 {
                return Ok(rows);
            }
            all.push(reader.predict(&batch)?);
            ids = batch.ids;
        }
        let tasks = (0..all[0].len()).map(|task| {
            let of_task: Vec<&Predicted> = all.iter().map(|tasks| &tasks[task]).collect();
            mean_and_spread(&of_task)
        });
        let tasks: Vec<_> = tasks.collect();
        for (row, ids) in ids.iter().enumerate() {
            output.row(ids, &columns.cells(&tasks, row))?;
            rows += 1;
        }
    }
}

/// True if two runs predict the same: names, kinds and classes.
fn are_same(a: &[TargetInfo], b: &[TargetInfo]) -> bool {
    let tasks = |targets: &[TargetInfo]| -> Vec<_> {
        let targets = targets.iter();
        targets
            .map(|target| (target.name.clone(), target.kind, target.classes.clone()))
            .collect()
    };
    tasks(a) == tasks(b)
}

fn shown(readers: &[Reader]) -> String {
    match readers {
        [one] => one.model.file().display().to_string(),
        many => format!("{} runs, averaged", many.len()),
    }
}
