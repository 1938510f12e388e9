//! Reading files and directories.

mod listing;
mod local_file;
mod open;

pub(crate) use listing::{case_twins, entries};
pub use local_file::LocalFile;
pub(crate) use local_file::{hex, sha256_hex, sha256_of};
pub(crate) use open::{checked_kind, exists, open};
