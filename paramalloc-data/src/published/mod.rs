//! Published data sets: where their files are looked for, downloaded and
//! verified, whatever their format.

mod dataset;
mod download;
mod load;
mod locations;
mod partial_file;
#[cfg(test)]
pub(crate) mod test_server;
#[cfg(test)]
pub(crate) mod tests;

pub use crate::files::LocalFile;
pub use dataset::{PublishedDataset, PublishedFile};
pub use download::Downloader;
pub use load::{Loaded, load};
pub(crate) use load::{any_of, read_all, read_cache, warn_of_unpublished};
pub use locations::{ENVIRONMENT, Locations};
