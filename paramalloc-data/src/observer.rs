//! What a data source reports while it loads.

/// Receives what a data source reports while it loads: messages for the user
/// and the progress of downloads.
///
/// Every closure on `&str` is an observer that gets the messages alone.
pub trait Observer {
    /// A message for the user, one line without a line feed.
    fn message(&mut self, message: &str);

    /// The state of a download: once before its first byte, then after each
    /// part that was received. One file is downloaded at a time.
    fn progress(&mut self, _download: &Download<'_>) {}

    /// The download that was reported last finished or failed.
    fn download_ended(&mut self) {}
}

impl<F: FnMut(&str)> Observer for F {
    fn message(&mut self, message: &str) {
        self(message);
    }
}

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Download<'a> {
    /// Name of the file, without its directory.
    pub file: &'a str,
    /// Bytes that are stored, those of an earlier attempt included.
    pub received: u64,
    /// Bytes of the whole file.
    pub total: u64,
}
