//! The folder of a run. It belongs to one run alone and no file in it is ever
//! half written, but for the metrics, which grow by whole lines.

use std::path::{Path, PathBuf};
use std::{fs, io};

use paramalloc_core::summary::{PART, write_whole};
use serde::Serialize;

use crate::run_dir::files::{CHECKPOINTS, CONFIG, METRICS, PARAMETERS, SUMMARY};
use crate::run_dir::lock::Lock;
use crate::run_dir::refused::{cannot, cannot_save};
use crate::stop::Stop;

/// Held by the process that trains.
const LOCK: &str = "run.lock";
/// Where fresh folders are made.
const RUNS: &str = "runs";

/// A folder claimed for one run, and by one process.
pub struct RunFolder {
    /// The folder.
    pub path: PathBuf,
    _lock: Lock,
}

/// The folder of a run that goes on by itself: one for each name.
pub fn of_its_own(name: &str) -> PathBuf {
    Path::new(RUNS).join(name)
}

/// Checks, before anything is loaded, that `path` holds no run.
///
/// # Errors
/// A sentence with a hint, if it does.
pub fn check_free(path: &Path) -> Result<(), Stop> {
    if holds_files(path) {
        return Err(taken(path));
    }
    if path.exists() && !path.is_dir() {
        let path = path.display();
        return Err(Stop::Failure(format!(
            "--logdir {path} is a file; give a folder"
        )));
    }
    Ok(())
}

/// True if there is any file of a run in `path`.
pub fn holds_files(path: &Path) -> bool {
    let files = [CONFIG, METRICS, SUMMARY, PARAMETERS, CHECKPOINTS];
    files.iter().any(|name| path.join(name).exists())
}

fn taken(path: &Path) -> Stop {
    Stop::Failure(format!(
        "{} already holds a run; give another --logdir, or --resume to go on with that run",
        path.display()
    ))
}

impl RunFolder {
    /// Claims `path` for a new run, made if need be.
    ///
    /// # Errors
    /// A sentence, if it holds a run, another process is using it, or it
    /// cannot be written to.
    pub fn claim(path: &Path) -> Result<Self, Stop> {
        check_free(path)?;
        fs::create_dir_all(path).map_err(|e| cannot("make the folder", path, &e))?;
        let folder = Self::lock(path)?;
        // Another run may have come and gone meanwhile.
        check_free(path)?;
        Ok(folder)
    }

    /// Claims the folder of a run to go on with it, and takes away what a
    /// killed process was writing.
    ///
    /// # Errors
    /// A sentence, if another process is using it or it cannot be written to.
    pub fn reclaim(path: &Path) -> Result<Self, Stop> {
        let folder = Self::lock(path)?;
        for place in [path.to_owned(), path.join(CHECKPOINTS)] {
            for entry in fs::read_dir(&place).into_iter().flatten().flatten() {
                let file = entry.path();
                if file.extension().is_some_and(|e| e == PART) {
                    fs::remove_file(&file).map_err(|e| cannot("remove", &file, &e))?;
                }
            }
        }
        Ok(folder)
    }

    fn lock(path: &Path) -> Result<Self, Stop> {
        let lock = Lock::take(&path.join(LOCK))?.ok_or_else(|| {
            Stop::Failure(format!(
                "another process is training in {}; wait for it, or give another --logdir",
                path.display()
            ))
        })?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Claims a fresh folder `runs/NAME-001`, or with the next free number.
    ///
    /// # Errors
    /// A sentence, if it cannot be made.
    pub fn fresh(name: &str) -> Result<Self, Stop> {
        Self::fresh_under(Path::new(RUNS), name)
    }

    fn fresh_under(parent: &Path, name: &str) -> Result<Self, Stop> {
        fs::create_dir_all(parent).map_err(|e| cannot("make the folder", parent, &e))?;
        let mut number = highest(parent, name).map_err(|e| cannot("read", parent, &e))?;
        loop {
            number += 1;
            let path = parent.join(format!("{name}-{number:03}"));
            match fs::create_dir(&path) {
                Ok(()) => return Self::claim(&path),
                // Another run was faster.
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(cannot("make the folder", &path, &e)),
            }
        }
    }

    /// Writes a file of the run, whole or not at all.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Stop> {
        let path = self.path.join(name);
        write_whole(&path, bytes).map_err(|e| cannot_save(&path, &e))
    }

    /// Writes `value` as a JSON file of the run, whole or not at all.
    ///
    /// # Errors
    /// A sentence naming the file.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), Stop> {
        let mut json = serde_json::to_vec_pretty(value).map_err(Stop::failure)?;
        json.push(b'\n');
        self.write(name, &json)
    }
}

/// The highest number of a folder `NAME-NUMBER`, 0 without any.
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
    fn fresh_folders_count_up_and_never_meet() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir(parent.path().join("mnist-007")).unwrap();
        fs::create_dir(parent.path().join("mnist-x-050")).unwrap();
        let paths: Vec<PathBuf> = std::thread::scope(|scope| {
            let claim = || RunFolder::fresh_under(parent.path(), "mnist").unwrap().path;
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(claim)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        let mut names: Vec<_> = paths.iter().map(|p| p.file_name().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["mnist-008", "mnist-009", "mnist-010", "mnist-011"]);
    }

    #[test]
    fn a_folder_is_claimed_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        let first = RunFolder::claim(folder.path()).unwrap();
        let refused = || match RunFolder::claim(folder.path()).err() {
            Some(Stop::Failure(sentence)) => sentence,
            other => panic!("{other:?}"),
        };
        let sentence = refused();
        assert!(sentence.starts_with("another process is"), "{sentence}");
        first.write(CONFIG, b"{}").unwrap();
        drop(first);
        let sentence = refused();
        assert!(sentence.contains("already holds a run"), "{sentence}");
        assert!(sentence.contains("another --logdir"), "{sentence}");
        fs::write(folder.path().join("config.json.tmp"), "{").unwrap();
        drop(RunFolder::reclaim(folder.path()).unwrap());
        assert!(!folder.path().join("config.json.tmp").exists());
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let folder = RunFolder::claim(parent.path()).unwrap();
        folder.write(SUMMARY, b"first").unwrap();
        folder.write(SUMMARY, b"second").unwrap();
        assert_eq!(fs::read(parent.path().join(SUMMARY)).unwrap(), b"second");
        fs::create_dir(parent.path().join(CONFIG)).unwrap();
        assert!(folder.write(CONFIG, b"{}").is_err());
        let left = fs::read_dir(parent.path()).unwrap();
        assert!(
            left.flatten()
                .all(|e| e.path().extension().unwrap_or_default() != "tmp")
        );
    }
}
