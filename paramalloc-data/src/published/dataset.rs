//! What is known of a published data set.

/// A data set as published.
#[derive(Clone, Copy, Debug)]
pub struct PublishedDataset<'a> {
    /// Name shown to people, `MNIST` for example.
    pub name: &'a str,
    /// Its subdirectory in a directory of data sets.
    pub directory: &'a str,
    /// Its files.
    pub files: &'a [PublishedFile<'a>],
    /// Addresses to which a file name is appended, tried in order.
    pub mirrors: &'a [&'a str],
}

/// One file of a data set.
#[derive(Clone, Copy, Debug)]
pub struct PublishedFile<'a> {
    /// File name, without directory.
    pub name: &'a str,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: &'a str,
    /// SHA-256 of its content, for a gzip file that people unpack.
    pub unpacked_sha256: Option<&'a str>,
}

impl PublishedFile<'_> {
    /// True if a file with this SHA-256 is the published one, packed or not.
    pub fn is(&self, sha256: &str) -> bool {
        self.sha256 == sha256 || self.unpacked_sha256 == Some(sha256)
    }
}
