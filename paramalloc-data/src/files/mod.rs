//! Reading files and directories.

mod local_file;
mod open;

pub use local_file::LocalFile;
pub(crate) use local_file::{hex, sha256_hex, sha256_of};
pub(crate) use open::open;
