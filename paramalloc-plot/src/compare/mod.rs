//! Several runs of one experiment side by side.
//!
//! Runs with the same settings but for the seed are a [`Group`]. [`Results`]
//! have for each group the mean over the seeds with a 95 % interval, which
//! stays inside the range of the metric, and the differences to the first
//! group, seed by seed, with a paired t test and Holm's correction. Where tasks are
//! judged by different metrics there is no mean over them.
//!
//! ```no_run
//! use paramalloc_plot::compare::Comparison;
//!
//! let runs = ["runs/mnist-seed0", "runs/mnist-seed1"];
//! println!("{}", Comparison::read(&runs)?.results("test")?.text());
//! # Ok::<(), paramalloc_plot::Error>(())
//! ```

use std::path::Path;

use crate::Error;

mod comparable;
mod cost;
mod difference;
mod estimate;
mod formats;
mod groups;
mod read;
pub(crate) mod relatedness;
mod results;
#[cfg(test)]
mod results_tests;

pub use comparable::{Incomparable, Mismatch};
pub use difference::Difference;
pub use estimate::Estimate;
pub use groups::Group;
pub use relatedness::Relatedness;
pub use results::{ComparedTask, MethodResults, Outcome, Results};

pub use crate::metric_info::MetricInfo;

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
    /// they are not of one experiment on the same data, split and network.
    pub fn read(directories: &[impl AsRef<Path>]) -> Result<Self, Error> {
        let directories: Vec<&Path> = directories.iter().map(AsRef::as_ref).collect();
        let groups = groups::read_groups(&directories)?;
        Ok(Self { groups })
    }

    /// The groups, at least one, in the order in which they were given.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The results of the groups on `split`, compared with the first's.
    ///
    /// # Errors
    /// If a run has no result for the split.
    pub fn results(&self, split: &str) -> Result<Results, Error> {
        Results::new(&self.groups, split)
    }

    /// Error and overlap against the relatedness of pairs of tasks, if these
    /// are runs of the data source `synthetic`.
    pub fn relatedness(&self) -> Option<Relatedness> {
        Relatedness::of_groups(&self.groups)
    }
}
