//! Files that the system refuses to read or write.

use std::io;
use std::path::Path;

use crate::stop::Stop;

/// A sentence on a file or folder that the system refuses.
pub fn cannot(what: &str, path: &Path, error: &io::Error) -> Stop {
    let advice = if is_full(error) { "; make room" } else { "" };
    Stop::Failure(format!("cannot {what} {}: {error}{advice}", path.display()))
}

/// [`cannot`] write a file or folder of a run in training.
pub fn cannot_save(path: &Path, error: &io::Error) -> Stop {
    match cannot("write", path, error) {
        Stop::Failure(sentence) if is_full(error) => {
            Stop::Failure(format!("{sentence}, then go on with --resume"))
        }
        stop => stop,
    }
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}
