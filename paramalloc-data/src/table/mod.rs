//! Tables of a user's own: CSV, TSV and NumPy's `.npz`. Each column to predict
//! is a task, and all tasks share the inputs of the other columns.

mod cell;
mod columns;
mod encode;
mod image_options;
mod images;
mod messages;
mod npz;
mod options;
mod prepare;
mod record;
mod roles;
mod rows;
mod source;
mod splits;
mod target;
mod text;

pub use encode::{Encoding, Feature};
pub use image_options::{ImageOptions, ImageRecord};
pub use options::{Impute, SplitBy, SplitOptions, TableOptions, TargetColumn, UnknownKind};
pub use record::{TABLE_FORMAT, TableRecord};
pub use rows::{RowBatch, TableRows};
pub(crate) use source::TABLE;
pub use source::TableSource;
pub use target::TargetInfo;

#[cfg(test)]
mod tests;
