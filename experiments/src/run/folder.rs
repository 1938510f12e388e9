//! The folder of a run. It belongs to one run alone and no file in it is ever
//! half written, but for the metrics, which grow by whole lines.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::stop::Stop;

/// The settings and the data of the run.
pub const CONFIG: &str = "config.json";
/// What happened while training, as JSON lines.
pub const METRICS: &str = "metrics.jsonl";
/// The outcome.
pub const SUMMARY: &str = "summary.json";
/// The trained parameters.
pub const PARAMETERS: &str = "parameters.safetensors";

/// Where fresh folders are made.
const RUNS: &str = "runs";

/// A folder claimed for one run.
pub struct RunFolder {
    /// The folder.
    pub path: PathBuf,
}

/// Checks, before anything is loaded, that `path` holds no run.
///
/// # Errors
/// A sentence with a hint, if it does.
pub fn check_free(path: &Path) -> Result<(), Stop> {
    let files = [CONFIG, METRICS, SUMMARY, PARAMETERS];
    if files.iter().any(|name| path.join(name).exists()) {
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

fn taken(path: &Path) -> Stop {
    Stop::Failure(format!(
        "{} already holds a run; give another --logdir, or move that folder away",
        path.display()
    ))
}

impl RunFolder {
    /// Claims `path`, made if need be. Having created the empty metrics file,
    /// which comes with it, is the claim.
    ///
    /// # Errors
    /// A sentence, if it holds a run or cannot be written to.
    pub fn claim(path: &Path) -> Result<(Self, File), Stop> {
        check_free(path)?;
        fs::create_dir_all(path).map_err(|e| cannot("make the folder", path, &e))?;
        let file = path.join(METRICS);
        let created = OpenOptions::new().write(true).create_new(true).open(&file);
        match created {
            Ok(metrics) => {
                let path = path.to_owned();
                Ok((Self { path }, metrics))
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(taken(path)),
            Err(e) => Err(cannot("write", &file, &e)),
        }
    }

    /// Claims a fresh folder `runs/NAME-001`, or with the next free number.
    ///
    /// # Errors
    /// A sentence, if it cannot be made.
    pub fn fresh(name: &str) -> Result<(Self, File), Stop> {
        Self::fresh_under(Path::new(RUNS), name)
    }

    fn fresh_under(parent: &Path, name: &str) -> Result<(Self, File), Stop> {
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
        write_whole(&path, bytes).map_err(|e| cannot("write", &path, &e))
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

/// A sentence on a file or folder that the system refuses.
pub fn cannot(what: &str, path: &Path, error: &io::Error) -> Stop {
    Stop::Failure(format!("cannot {what} {}: {error}", path.display()))
}

/// Writes beside `path` first and renames then, so that `path` never holds a
/// part.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let beside = path.with_file_name(name);
    let written = write_synced(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Best effort: the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
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
            let claim = || {
                RunFolder::fresh_under(parent.path(), "mnist")
                    .unwrap()
                    .0
                    .path
            };
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
        assert!(RunFolder::claim(folder.path()).is_ok());
        let again = RunFolder::claim(folder.path()).err();
        let Some(Stop::Failure(sentence)) = again else {
            panic!("{again:?}");
        };
        assert!(sentence.contains("already holds a run"), "{sentence}");
        assert!(sentence.contains("another --logdir"), "{sentence}");
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let (folder, _) = RunFolder::claim(parent.path()).unwrap();
        folder.write(SUMMARY, b"first").unwrap();
        folder.write(SUMMARY, b"second").unwrap();
        assert_eq!(fs::read(parent.path().join(SUMMARY)).unwrap(), b"second");
        fs::create_dir(parent.path().join(CONFIG)).unwrap();
        assert!(folder.write(CONFIG, b"{}").is_err());
        let left = fs::read_dir(parent.path()).unwrap();
        assert!(
            left.flatten()
                .all(|e| e.path().extension().unwrap() != "tmp")
        );
    }
}
