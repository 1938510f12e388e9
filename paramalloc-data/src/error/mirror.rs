//! Why a mirror does not give a file.

use std::io;

use thiserror::Error;

/// A mirror that was tried, and why it does not give the file.
#[derive(Debug)]
#[non_exhaustive]
pub struct MirrorFailure {
    /// Its address.
    pub mirror: String,
    /// Why.
    pub reason: MirrorError,
}

/// Why a mirror does not give a file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// No server answered before, so this one was not asked.
    #[error("not tried, as no server answers")]
    NotTried,
    /// The request failed.
    #[error(transparent)]
    Request(Box<dyn std::error::Error + Send + Sync>),
    /// The server refuses.
    #[error("HTTP status {0}")]
    Status(u16),
    /// The server has more of the file than it says, or less.
    #[error("the transfer cannot be resumed")]
    NotResumable,
    /// The file there has another size.
    #[error("the file there has {found} bytes instead of {expected}")]
    Size {
        /// Bytes there.
        found: u64,
        /// Bytes of the published file.
        expected: u64,
    },
    /// The server sends more than the published file has.
    #[error("the file there has more than {expected} bytes")]
    TooLong {
        /// Bytes of the published file.
        expected: u64,
    },
    /// The transfer ended early.
    #[error("broke off after {received} bytes")]
    Cut {
        /// Bytes that came.
        received: u64,
    },
    /// The transfer failed.
    #[error("broke off after {received} bytes: {source}")]
    Read {
        /// Bytes that came.
        received: u64,
        /// What the connection said.
        source: io::Error,
    },
    /// The file there is another one.
    #[error("the SHA-256 is not the published one")]
    Sha256,
}
