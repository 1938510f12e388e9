//! Results as text, CSV, Markdown and LaTeX.

mod csv;
mod latex;
mod numbers;
mod tables;

use super::results::Results;
#[cfg(feature = "figures")]
use crate::table::Column;

impl Results {
    /// As tables for a terminal: an overview of the methods, then the tasks.
    pub fn text(&self) -> String {
        tables::text(&tables::tables(self))
    }

    /// Title and columns of the same tables.
    #[cfg(feature = "figures")]
    pub(crate) fn tables(&self) -> Vec<(String, Vec<Column>)> {
        let tables = tables::tables(self).into_iter();
        tables.map(|table| (table.title, table.columns)).collect()
    }

    /// Which tasks are left out of means and tests, if any.
    #[cfg(feature = "figures")]
    pub(crate) fn note(&self) -> Option<String> {
        tables::left_out(self)
    }

    /// The same tables in Markdown.
    pub fn markdown(&self) -> String {
        tables::markdown(&tables::tables(self))
    }

    /// One row for each method and task, and for each method's mean over the
    /// tasks, whose `task` is empty; numbers in full. Shares are of 0 to 1.
    pub fn csv(&self) -> String {
        csv::csv(self)
    }

    /// A table for a paper, which needs the packages `booktabs` and `graphicx` (for more than 40
    /// rows `longtable`): the best of each row bold, and what differs from the first
    /// method marked.
    pub fn latex(&self) -> String {
        latex::latex(self)
    }
}
