//! What a run directory holds, of whatever program and state.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use paramalloc::commands::is_running;
use paramalloc_core::error::FileError;
use paramalloc_core::summary::{FORMAT, RunManifest, Summary, SummaryError, read_text, read_whole};
use paramalloc_core::train::checkpoint;
use paramalloc_plot::settings;
use serde_json::Value;

use crate::error::Error;

/// Where a run is in its course.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A process works on it.
    Running,
    /// It ended before its last step.
    Stopped,
    /// It ended as planned.
    Finished,
}

/// Whether the content of a file is what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// It has none.
    None,
    /// Its checksum fits.
    Valid,
    /// It is damaged; why.
    Damaged(String),
    /// Another version wrote it, in this format, so it is not checked.
    OtherFormat(u32),
    /// The run had it, and it is not there.
    Missing,
}

/// A file of a run.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its path within the run directory, with `/` between names.
    pub name: String,
    /// Its size, bytes.
    pub size: u64,
    /// Whether its content is what was written.
    pub checksum: Checksum,
}

/// What a run directory holds.
#[derive(Debug)]
pub struct RunDirectory {
    /// The directory.
    pub path: PathBuf,
    /// `config.json`: settings, experiment, version.
    pub config: Value,
    /// The outcome; absent until the run ends or is stopped.
    pub summary: Option<Summary>,
    /// Where the run is in its course.
    pub state: State,
    /// Its files, by name.
    pub files: Vec<Entry>,
}

impl RunDirectory {
    /// Reads a run directory.
    ///
    /// # Errors
    /// If it holds no run, or a file of it cannot be read.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let summary = match Summary::read(path) {
            Ok(summary) => Some(summary),
            // A running run has none yet.
            Err(SummaryError::Missing(_)) if path.join("config.json").is_file() => None,
            Err(error) => return Err(paramalloc_plot::Error::from(error).into()),
        };
        let state = match &summary {
            _ if is_running(path) => State::Running,
            Some(summary) if summary.finished => State::Finished,
            _ => State::Stopped,
        };
        let mut files = Vec::new();
        list(path, "", &mut files)?;
        // A running run replaces its files.
        if state != State::Running
            && let Some(manifest) = read_manifest(path)?
        {
            compare(&manifest, path, &mut files)?;
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self {
            config: read_formatted(&path.join("config.json"), settings::FORMAT)?,
            path: path.to_owned(),
            summary,
            state,
            files,
        })
    }

    /// Text of an entry of `config.json`.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.config.get(key)?.as_str()
    }

    /// Task steps done, by the last line of `metrics.jsonl`: all that a running
    /// run tells.
    pub fn last_logged_step(&self) -> Option<u64> {
        let text = read_text(&self.path.join("metrics.jsonl")).ok()?;
        let mut lines = text.lines().rev();
        let step = |line| {
            let line: Value = serde_json::from_str(line).ok()?;
            line.get("global_step")?.as_u64()
        };
        lines.find_map(step)
    }
}

/// The JSON of a file whose `format`, if it has one, is at most `supported`: a
/// newer format may have other entries.
///
/// # Errors
/// If it cannot be read, or its format is newer.
pub fn read_formatted(path: &Path, supported: u32) -> Result<Value, Error> {
    let text = read_text(path);
    let value = text.and_then(|text| serde_json::from_str(&text).map_err(io::Error::from));
    let value: Value = value.map_err(|source| cannot_read(path, source))?;
    match value.get("format").and_then(Value::as_u64) {
        Some(found) if found > u64::from(supported) => Err(Error::NewerFormat {
            path: path.to_owned(),
            found,
            supported,
        }),
        _ => Ok(value),
    }
}

fn cannot_read(path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    Error::Read { path, source }
}

/// Adds the files below a directory.
fn list(directory: &Path, prefix: &str, files: &mut Vec<Entry>) -> Result<(), Error> {
    let entries = fs::read_dir(directory).map_err(|e| cannot_read(directory, e))?;
    for entry in entries {
        let entry = entry.map_err(|e| cannot_read(directory, e))?;
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let metadata = entry.metadata().map_err(|e| cannot_read(&path, e))?;
        if metadata.is_dir() {
            list(&path, &format!("{name}/"), files)?;
        } else {
            files.push(Entry {
                checksum: checksum(&name, &path)?,
                size: metadata.len(),
                name,
            });
        }
    }
    Ok(())
}

/// The manifest of a run; version 0.1 wrote none.
fn read_manifest(run: &Path) -> Result<Option<RunManifest>, Error> {
    let path = run.join("manifest.json");
    if !path.exists() {
        return Ok(None);
    }
    let manifest = read_formatted(&path, FORMAT)?;
    match serde_json::from_value(manifest) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(error) => Err(cannot_read(&path, error.into())),
    }
}

/// Marks the files that are as the manifest says and those that are not.
fn compare(manifest: &RunManifest, run: &Path, files: &mut Vec<Entry>) -> Result<(), Error> {
    let changed = manifest.changed(run).map_err(|e| cannot_read(run, e))?;
    for name in manifest.files.keys().chain(manifest.growing.keys()) {
        let is_changed = changed.contains(name);
        match files.iter_mut().find(|file| file.name == *name) {
            // A checkpoint's own checksum knows better: a run that was killed has
            // not written its manifest behind it.
            Some(file) if file.checksum != Checksum::None => {}
            Some(file) if is_changed => {
                let why = "its content is not what manifest.json says";
                file.checksum = Checksum::Damaged(why.to_owned());
            }
            Some(file) => file.checksum = Checksum::Valid,
            None => files.push(Entry {
                name: name.clone(),
                size: 0,
                checksum: Checksum::Missing,
            }),
        }
    }
    Ok(())
}

/// Checks a file by the checksum that it has itself.
fn checksum(name: &str, path: &Path) -> Result<Checksum, Error> {
    if !name.starts_with("checkpoints/") || !name.ends_with(".safetensors") {
        return Ok(Checksum::None);
    }
    let bytes = read_whole(path).map_err(|e| cannot_read(path, e))?;
    Ok(match checkpoint::read_extra::<Value>(&bytes) {
        Ok(_) => Checksum::Valid,
        Err(paramalloc_core::error::Error::File(FileError::Format { found, .. })) => {
            Checksum::OtherFormat(found)
        }
        Err(error) => Checksum::Damaged(error.to_string()),
    })
}
