//! Downloads with mirrors, verification and resumption.

use std::cell::{Cell, OnceCell};
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use ureq::config::ConfigBuilder;
use ureq::typestate::AgentScope;
use ureq::{Agent, Body, http::Response};

use super::dataset::{PublishedDataset, PublishedFile};
use super::partial_file::PartialFile;
use crate::error::{DataError, MirrorError, MirrorFailure};
use crate::files::LocalFile;
use crate::observer::{Download, Observer};

/// Attempts at one mirror, each resuming the one before.
const ATTEMPTS: usize = 4;

/// Fetches published files.
#[derive(Debug)]
pub struct Downloader {
    agent: Agent,
    /// While no server has answered for this long, no other is tried, so that
    /// a machine without network does not wait for each in turn.
    patience: Duration,
    started: OnceCell<Instant>,
    reached: Cell<bool>,
}

impl Default for Downloader {
    fn default() -> Self {
        Self::new(Agent::config_builder())
    }
}

impl Downloader {
    pub(super) fn new(config: ConfigBuilder<AgentScope>) -> Self {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let config = config
            .user_agent(concat!("paramalloc/", env!("CARGO_PKG_VERSION")))
            // The files are gzip as they are: ask for no coding on top.
            .accept_encoding("identity")
            .http_status_as_error(false)
            // A server may close a kept connection unseen, and the next request
            // on it would fail.
            .max_idle_connections(0)
            .timeout_resolve(seconds(3))
            .timeout_connect(seconds(3))
            .timeout_recv_response(seconds(6))
            .timeout_per_read(seconds(15))
            .build();
        Self {
            agent: config.new_agent(),
            patience: Duration::from_secs(5),
            started: OnceCell::new(),
            reached: Cell::new(false),
        }
    }

    /// Downloads one file into `directory`, from the first mirror that has it
    /// with the published SHA-256.
    ///
    /// What has come so far is kept beside the file under a temporary name, for
    /// the next mirror, attempt or run to resume.
    pub fn download(
        &self,
        dataset: &PublishedDataset,
        file: &PublishedFile,
        directory: &Path,
        observer: &mut dyn Observer,
    ) -> Result<(), DataError> {
        let target = directory.join(file.name);
        let part = directory.join(format!("{}.part", file.name));
        let cannot_store = |source| DataError::Store {
            path: part.clone(),
            source,
        };
        fs::create_dir_all(directory).map_err(cannot_store)?;
        let mut part = PartialFile::open(&part, observer).map_err(cannot_store)?;
        if target.exists() && LocalFile::read(target.clone())?.sha256 == file.sha256 {
            // Another process downloaded it while this one waited.
            part.discard_if_empty();
            return Ok(());
        }
        let mut failures = Vec::new();
        for mirror in dataset.mirrors {
            let reason = if self.gives_up() {
                MirrorError::NotTried
            } else {
                match self.fill_from(&format!("{mirror}{}", file.name), file, &mut part, observer) {
                    Ok(()) => return part.install(&target).map_err(cannot_store),
                    Err(Failure::Disk(source)) => return Err(cannot_store(source)),
                    Err(Failure::Mirror(reason)) => reason,
                }
            };
            failures.push(MirrorFailure {
                mirror: (*mirror).to_owned(),
                reason,
            });
        }
        part.discard_if_empty();
        Err(DataError::Download {
            dataset: dataset.name.to_owned(),
            file: file.name.to_owned(),
            directory: directory.to_owned(),
            subdirectory: dataset.directory.to_owned(),
            searched: Vec::new(),
            failures,
        })
    }

    fn gives_up(&self) -> bool {
        let started = self.started.get_or_init(Instant::now);
        !self.reached.get() && started.elapsed() > self.patience
    }

    /// Fills `part` from one mirror and verifies it.
    fn fill_from(
        &self,
        url: &str,
        file: &PublishedFile,
        part: &mut PartialFile,
        observer: &mut dyn Observer,
    ) -> Result<(), Failure> {
        let mut reason = MirrorError::NotTried;
        for _ in 0..ATTEMPTS {
            let before = part.len()?;
            let outcome = self.transfer(url, file, part, before, observer);
            let failure = match outcome {
                Ok(()) => None,
                Err(Failure::Mirror(failure)) => Some(failure),
                Err(disk) => return Err(disk),
            };
            if part.len()? == file.bytes {
                if part.sha256()? == file.sha256 {
                    return Ok(());
                }
                part.cut(0)?;
                reason = MirrorError::Sha256;
            } else if let Some(failure) = failure {
                reason = failure;
            }
            // Nothing came: the mirror has no more to give. Where the part has
            // shrunk its earlier bytes were at fault, so a fresh start may do.
            if part.len()? == before {
                break;
            }
        }
        Err(Failure::Mirror(reason))
    }

    /// One request; appends to `part`, which holds `have` bytes, or writes it
    /// anew where the server sends the file from the start.
    fn transfer(
        &self,
        url: &str,
        file: &PublishedFile,
        part: &mut PartialFile,
        have: u64,
        observer: &mut dyn Observer,
    ) -> Result<(), Failure> {
        if have == file.bytes {
            return Ok(());
        }
        let mut request = self.agent.get(url);
        if have > 0 {
            request = request.header("Range", format!("bytes={have}-"));
        }
        let mut response = request
            .call()
            .map_err(|source| MirrorError::Request(source.into()))?;
        self.reached.set(true);
        let start = match response.status().as_u16() {
            200 => 0,
            206 if range_start(&response) == Some(have) => have,
            206 | 416 => {
                part.cut(0)?;
                return Err(MirrorError::NotResumable.into());
            }
            status => return Err(MirrorError::Status(status).into()),
        };
        if let Some(length) = response.body().content_length()
            && start + length != file.bytes
        {
            return Err(MirrorError::Size {
                found: start + length,
                expected: file.bytes,
            }
            .into());
        }
        part.cut(start)?;
        let copied = copy(response.body_mut().as_reader(), file, part, start, observer);
        observer.download_ended();
        copied
    }
}

/// Appends a body to `part`, which holds `start` bytes.
fn copy(
    mut body: impl Read,
    file: &PublishedFile,
    part: &mut PartialFile,
    start: u64,
    observer: &mut dyn Observer,
) -> Result<(), Failure> {
    let mut have = start;
    let mut report = |received| {
        observer.progress(&Download {
            file: file.name,
            received,
            total: file.bytes,
        });
    };
    report(have);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = match body.read(&mut buffer) {
            Ok(0) if have == file.bytes => return Ok(()),
            Ok(0) => Err(MirrorError::Cut { received: have }),
            Ok(read) => Ok(read),
            Err(source) => Err(MirrorError::Read {
                received: have,
                source,
            }),
        }?;
        have += read as u64;
        if have > file.bytes {
            part.cut(0)?;
            return Err(MirrorError::TooLong {
                expected: file.bytes,
            }
            .into());
        }
        part.append(&buffer[..read])?;
        report(have);
    }
}

/// The first position in `Content-Range: bytes FIRST-LAST/LENGTH`.
fn range_start(response: &Response<Body>) -> Option<u64> {
    let range = response.headers().get("Content-Range")?.to_str().ok()?;
    let (first, _) = range.strip_prefix("bytes ")?.split_once('-')?;
    first.trim().parse().ok()
}

/// Why an attempt failed.
enum Failure {
    /// The network or the server; another mirror may do better.
    Mirror(MirrorError),
    /// The file system; no mirror can help.
    Disk(io::Error),
}

impl From<MirrorError> for Failure {
    fn from(error: MirrorError) -> Self {
        Self::Mirror(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}
