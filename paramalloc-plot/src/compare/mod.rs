//! Several runs of one experiment side by side.
//!
//! Runs with the same settings but for the seed are a [`Group`]; for each group
//! there are mean, sample deviation and a 95 % interval over the seeds.
//!
//! ```no_run
//! use paramalloc_plot::compare::Comparison;
//!
//! let runs = ["runs/mnist-seed0", "runs/mnist-seed1"];
//! println!("{}", Comparison::read(&runs)?.table("test")?);
//! # Ok::<(), paramalloc_plot::Error>(())
//! ```

use std::path::Path;

use crate::Error;

mod estimate;
mod groups;
pub(crate) mod relatedness;
mod results_table;

pub use estimate::Estimate;
pub use groups::Group;
pub use relatedness::Relatedness;

/// Finished runs of one experiment on the same data and tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    groups: Vec<Group>,
}

impl Comparison {
    /// Reads run directories and groups the runs by their settings, in the
    /// order given.
    ///
    /// # Errors
    /// If there is none, one holds no finished run, two hold the same run, or
    /// they are not of one experiment.
    pub fn read(directories: &[impl AsRef<Path>]) -> Result<Self, Error> {
        let directories: Vec<&Path> = directories.iter().map(AsRef::as_ref).collect();
        let groups = groups::read_groups(&directories)?;
        Ok(Self { groups })
    }

    /// The groups, at least one, in the order in which they were given.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// A Markdown table of the metric on `split`: for each group mean ± sample
    /// deviation of each task, and the mean over the tasks with its 95 %
    /// interval; then how that mean differs from the first group's, seed by
    /// seed.
    ///
    /// # Errors
    /// If a run has no result for the split.
    pub fn table(&self, split: &str) -> Result<String, Error> {
        results_table::results_table(&self.groups, split)
    }

    /// Error and overlap against the relatedness of pairs of tasks, if these
    /// are runs of the data source `synthetic`.
    pub fn relatedness(&self) -> Option<Relatedness> {
        Relatedness::of_groups(&self.groups)
    }
}
