//! The directory of a run. It belongs to one run alone and no file in it is
//! ever half written, but for the metrics, which grow by whole lines.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::{fs, io};

use paramalloc_core::summary::{
    FORMAT, FileContent, RunManifest, is_left_over, read_whole, write_whole,
};
use serde::Serialize;

use super::files::{
    CHECKPOINTS, CONFIG, EVALUATION_LOCK, LOCK, MANIFEST, METRICS, PARAMETERS, SUMMARY,
};
use super::lock::{Lock, is_taken};
use crate::error::{ConfigError, Error};

/// Locked by the process that trains.
/// Where fresh directories are made.
const RUNS: &str = "runs";

/// A directory claimed for one run, and by one process.
#[derive(Debug)]
pub struct RunDir {
    /// The directory.
    pub path: PathBuf,
    manifest: RefCell<RunManifest>,
    _lock: Lock,
}

/// The directory of a run that resumes by the same command: one for each name.
pub fn of_its_own(name: &str) -> PathBuf {
    Path::new(RUNS).join(name)
}

/// Checks, before anything is loaded, that `path` holds no run.
///
/// # Errors
/// [`Error::HoldsRun`] if it does, [`Error::NotADirectory`] if it is a file.
pub fn check_free(path: &Path) -> Result<(), Error> {
    if holds_files(path) {
        return Err(Error::HoldsRun {
            path: path.to_owned(),
        });
    }
    if path.exists() && !path.is_dir() {
        return Err(Error::NotADirectory {
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// True if there is any file of a run in `path`.
pub fn holds_files(path: &Path) -> bool {
    let files = [CONFIG, METRICS, SUMMARY, PARAMETERS, CHECKPOINTS];
    files.iter().any(|name| path.join(name).exists())
}

impl RunDir {
    /// Claims `path` for a new run, made if need be.
    ///
    /// # Errors
    /// If it holds a run, another process is using it, or it cannot be written
    /// to.
    pub fn claim(path: &Path) -> Result<Self, Error> {
        check_free(path)?;
        fs::create_dir_all(path).map_err(Error::io("make the directory", path))?;
        let locked = Self::lock(path)?;
        // Another run may have come and gone meanwhile.
        check_free(path)?;
        remove_left_overs(path)?;
        Ok(locked)
    }

    /// Claims the directory of a run to resume it, and removes what a killed
    /// process was writing.
    ///
    /// # Errors
    /// If another process is using it or it cannot be written to.
    pub fn reclaim(path: &Path) -> Result<Self, Error> {
        let locked = Self::lock(path)?;
        remove_left_overs(path)?;
        let mut manifest = read_manifest(&path.join(MANIFEST))?;
        manifest.files.retain(|name, _| path.join(name).exists());
        locked.manifest.replace(manifest);
        Ok(locked)
    }

    fn lock(path: &Path) -> Result<Self, Error> {
        let lock = Lock::take(&path.join(LOCK))?.ok_or_else(|| Error::Training {
            path: path.to_owned(),
        })?;
        Ok(Self {
            path: path.to_owned(),
            manifest: RefCell::default(),
            _lock: lock,
        })
    }

    /// Claims a fresh directory `runs/NAME-001`, or with the next free number.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn fresh(name: &str) -> Result<Self, Error> {
        Self::fresh_under(Path::new(RUNS), name)
    }

    fn fresh_under(parent: &Path, name: &str) -> Result<Self, Error> {
        fs::create_dir_all(parent).map_err(Error::io("make the directory", parent))?;
        let mut number = highest(parent, name).map_err(Error::io("read", parent))?;
        loop {
            number += 1;
            let path = parent.join(format!("{name}-{number:03}"));
            match fs::create_dir(&path) {
                Ok(()) => return Self::claim(&path),
                // Another run was faster.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(Error::io("make the directory", &path)(e)),
            }
        }
    }

    /// Writes the file `name` of the run, `checkpoints/best.safetensors` for
    /// example, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.path.join(name);
        write_whole(&path, bytes).map_err(Error::save(&path))?;
        let content = FileContent::of(bytes);
        let mut manifest = self.manifest.borrow_mut();
        manifest.files.insert(name.to_owned(), content);
        Ok(())
    }

    /// Writes `value` as a JSON file of the run, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        self.write(name, &json(value)?)
    }

    /// Removes a file of the run, if it is there.
    ///
    /// # Errors
    /// [`Error::Io`] naming the file.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io("remove", &path)(e)),
            _ => {
                self.manifest.borrow_mut().files.remove(name);
                Ok(())
            }
        }
    }

    /// Takes files out of the manifest that are to be written anew: a process that is
    /// killed between them and the manifest leaves none that look changed.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn begin_anew(&self, names: &[&str], metrics: FileContent) -> Result<(), Error> {
        let mut manifest = self.manifest.borrow_mut();
        let known = manifest.files.len();
        manifest
            .files
            .retain(|name, _| !names.contains(&name.as_str()));
        let is_same = manifest.files.len() == known;
        drop(manifest);
        match is_same {
            true => Ok(()),
            false => self.write_manifest(metrics),
        }
    }

    /// Writes the manifest; `metrics` are the whole lines of `metrics.jsonl`.
    ///
    /// # Errors
    /// [`Error::Save`] naming the file.
    pub fn write_manifest(&self, metrics: FileContent) -> Result<(), Error> {
        let mut manifest = self.manifest.borrow_mut();
        manifest.growing.insert(METRICS.to_owned(), metrics);
        let path = self.path.join(MANIFEST);
        write_whole(&path, &json(&*manifest)?).map_err(Error::save(&path))
    }
}

/// Removes what a killed process left in the directory of a finished run, if it can:
/// the run is whole without that.
pub fn tidy(run: &Path) {
    let left = |path: &Path| {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.into_iter().any(|entry| is_left_over(&entry.path()))
    };
    if (left(run) || left(&run.join(CHECKPOINTS)))
        && let Ok(Some(_lock)) = Lock::take(&run.join(LOCK))
    {
        // A read-only directory stays as it is.
        let _ = remove_left_overs(run);
    }
}

/// Removes what a killed process was writing, and what it could not remove on a
/// disk that refused. While `eval` writes there, its file cannot be told from one that
/// was left, and all stay until the next time.
fn remove_left_overs(run: &Path) -> Result<(), Error> {
    if is_taken(&run.join(EVALUATION_LOCK)) {
        return Ok(());
    }
    for directory in [run.to_owned(), run.join(CHECKPOINTS)] {
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let file = entry.path();
            if is_left_over(&file) {
                fs::remove_file(&file).map_err(Error::io("remove", &file))?;
            }
        }
    }
    Ok(())
}

/// The manifest of a run; one that is lost or broken is begun again.
///
/// # Errors
/// If it is of a newer format.
fn read_manifest(path: &Path) -> Result<RunManifest, Error> {
    let text = read_whole(path).unwrap_or_default();
    let content: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    // A newer format may have other entries, so its number is read alone.
    let format = content.get("format").and_then(serde_json::Value::as_u64);
    match format.filter(|&format| format > u64::from(FORMAT)) {
        Some(found) => Err(Error::Record {
            path: path.to_owned(),
            source: ConfigError::NewerFormat {
                found,
                supported: FORMAT,
            },
        }),
        None => Ok(serde_json::from_value(content).unwrap_or_default()),
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut json = serde_json::to_vec_pretty(value).map_err(Error::json("a file of the run"))?;
    json.push(b'\n');
    Ok(json)
}

/// The highest number of a directory `NAME-NUMBER`, 0 without any.
fn highest(parent: &Path, name: &str) -> io::Result<u64> {
    let mut highest = 0;
    for entry in fs::read_dir(parent)? {
        let entry = entry?.file_name();
        let rest = entry.to_str().and_then(|e| e.strip_prefix(name));
        let number = rest.and_then(|rest| rest.strip_prefix('-')?.parse().ok());
        highest = highest.max(number.unwrap_or(0));
    }
    Ok(highest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_directories_count_up_and_never_meet() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir(parent.path().join("mnist-007")).unwrap();
        fs::create_dir(parent.path().join("mnist-x-050")).unwrap();
        let paths: Vec<PathBuf> = std::thread::scope(|scope| {
            let claim = || RunDir::fresh_under(parent.path(), "mnist").unwrap().path;
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(claim)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let mut names: Vec<_> = paths.iter().map(|p| p.file_name().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["mnist-008", "mnist-009", "mnist-010", "mnist-011"]);
    }

    #[test]
    fn a_directory_is_claimed_once() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("notes.txt"), "mine").unwrap();
        let first = RunDir::claim(directory.path()).unwrap();
        let refused = || RunDir::claim(directory.path()).unwrap_err().to_string();
        let sentence = refused();
        assert!(sentence.starts_with("another process is"), "{sentence}");
        first.write(CONFIG, b"{}").unwrap();
        drop(first);
        let sentence = refused();
        assert!(sentence.contains("already holds a run"), "{sentence}");
        assert!(sentence.contains("another --logdir"), "{sentence}");
        let mine = directory.path().join("config.json.tmp");
        let left_over = directory.path().join(".config.json.1.paramalloc-part");
        fs::write(&mine, "mine").unwrap();
        fs::write(&left_over, "{").unwrap();
        drop(RunDir::reclaim(directory.path()).unwrap());
        assert!(mine.exists() && !left_over.exists());
        let manifest = "{\"format\": 2, \"files\": []}";
        fs::write(directory.path().join(MANIFEST), manifest).unwrap();
        let sentence = RunDir::reclaim(directory.path()).unwrap_err().to_string();
        assert!(
            sentence.contains("manifest.json: it has format 2"),
            "{sentence}"
        );
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let directory = RunDir::claim(parent.path()).unwrap();
        directory.write(SUMMARY, b"first").unwrap();
        directory.write(SUMMARY, b"second").unwrap();
        assert_eq!(fs::read(parent.path().join(SUMMARY)).unwrap(), b"second");
        fs::create_dir(parent.path().join(CONFIG)).unwrap();
        assert!(directory.write(CONFIG, b"{}").is_err());
        let mut left = fs::read_dir(parent.path()).unwrap().flatten();
        assert!(left.all(|entry| !is_left_over(&entry.path())));
    }
}
