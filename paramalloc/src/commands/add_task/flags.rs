//! The command line that adds tasks to a run.

use std::path::PathBuf;

use clap::Args;
use paramalloc_data::table::{SplitBy, TableOptions};

use crate::arguments::flags::{Flags, NewRunFlags};
use crate::arguments::number::number;
use crate::arguments::target_kinds::target_kinds;
use crate::error::Error;

/// The run, the new tasks, and the flags of all settings.
#[derive(Args, Clone, Debug)]
pub struct AddTaskFlags {
    /// Directory of the trained run
    pub run: PathBuf,

    #[command(flatten, next_help_heading = "New tasks")]
    pub table: NewTableFlags,

    #[command(flatten)]
    pub settings: Flags,

    #[command(flatten)]
    pub new_run: NewRunFlags,
}

/// A table with new tasks. Its features and what they become are the run's.
#[derive(Args, Clone, Debug)]
pub struct NewTableFlags {
    /// Table with the new tasks: a .csv, .tsv or .npz file with the columns that the run
    /// learned from
    #[arg(long, value_name = "FILE")]
    pub table: Option<PathBuf>,

    /// Columns to predict, a new task each; a .npz file has them in its array y
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    targets: Vec<String>,

    /// What targets are, as in age=value,sex=classes,active=label [default: as
    /// their values say]
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kind: Vec<String>,

    /// Column that says what each row counts in the loss and in metrics
    #[arg(long, value_name = "COLUMN")]
    row_weights: Option<String>,

    /// How rows are split: random or stratified [default: as those of the run, so that
    /// in the same table the same rows are for test]
    #[arg(long, value_name = "HOW", value_parser = clap::builder::PossibleValuesParser::new(["random", "stratified"]))]
    split: Option<String>,

    /// Column whose values are not torn apart by the split
    #[arg(long, value_name = "COLUMN", conflicts_with = "split_column")]
    group: Option<String>,

    /// Column that says train, validation or test
    #[arg(long, value_name = "COLUMN")]
    split_column: Option<String>,

    /// Share of the rows for test [default: that of the run]
    #[arg(long, value_name = "SHARE", value_parser = number)]
    test_share: Option<f64>,
}

impl NewTableFlags {
    /// Sets what is to be made of the table; how its rows are split stays as it was
    /// unless a flag says otherwise.
    ///
    /// # Errors
    /// If a kind is none.
    pub fn set(&self, options: &mut TableOptions) -> Result<(), Error> {
        options.targets.clone_from(&self.targets);
        options.kinds = target_kinds(&self.kind)?;
        options.row_weights.clone_from(&self.row_weights);
        options.features.clear();
        options.ignore.clear();
        let split = &mut options.split;
        match (&self.group, &self.split_column, self.split.as_deref()) {
            (Some(column), ..) => split.by = SplitBy::Group(column.clone()),
            (_, Some(column), _) => split.by = SplitBy::Column(column.clone()),
            (.., Some("stratified")) => split.by = SplitBy::Stratified,
            (.., Some(_)) => split.by = SplitBy::Random,
            _ => {}
        }
        split.test_share = self.test_share.unwrap_or(split.test_share);
        Ok(())
    }
}
