//! A user's own tasks: folders of images, or NumPy arrays.

mod arrays;
mod folders;
mod samples;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use paramalloc_core::data::Task;
use paramalloc_core::network::shape::Dims;
use paramalloc_core::summary::DataIdentity;
use serde::{Deserialize, Serialize};

use super::{DataError, Observer};
use samples::Splits;

/// How to read a user's own tasks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnOptions {
    /// Shape of the network's input. Images are resized to it, arrays must
    /// have it.
    pub input: Dims,
    /// Share of the examples of each class that is kept for `test` where a
    /// task has no test data of its own, above 0 and below 1.
    pub test_share: f64,
}

impl OwnOptions {
    /// A network with input `input`; a fifth is kept for `test`.
    pub fn new(input: Dims) -> Self {
        Self {
            input,
            test_share: 0.2,
        }
    }

    /// Refuses what is out of its range.
    pub(super) fn check(&self) -> Result<(), DataError> {
        if self.test_share > 0.0 && self.test_share < 1.0 {
            return Ok(());
        }
        Err(DataError::Setting(format!(
            "the test share is {}, but it must be above 0 and below 1",
            self.test_share
        )))
    }
}

impl From<Dims> for OwnOptions {
    fn from(input: Dims) -> Self {
        Self::new(input)
    }
}

/// The tasks in `folder`, in order of their names, each evaluated on `train`
/// and `test`, and what they were made from. A task is one of
///
/// | in `folder` | what it is |
/// |---|---|
/// | `TASK/CLASS/*.png`, `*.jpg`, `*.jpeg` | images of each class |
/// | `TASK/train/CLASS/*`, `TASK/test/CLASS/*` | the same with test images chosen by the user |
/// | `TASK.npz` | arrays `x` and `y` |
/// | `TASK/train.npz`, `TASK/test.npz` | the same with test examples chosen by the user |
///
/// Images are turned as their EXIF data say, become gray or red, green and blue as the input has 1 or 3 channels,
/// are stretched to its rows and columns, and have values 0 to 1. Classes are
/// numbered in order of their folders' names.
///
/// Array `x` is `[n, channels, rows, columns]` or `[n, features]`, of `uint8`
/// (pixels are divided by 255), `float32` or `float64` (as they are). Array `y` is `[n]` of integers,
/// the classes from 0, or `[n]` or `[n, outputs]` of floating-point numbers
/// for regression.
///
/// Without test data of its own, a share of each class is kept for `test`, at
/// random but alike in every run. Names that begin with a dot, and files in
/// `folder` itself that are no `.npz`, are not looked at. `observer` is told of each
/// task what was found.
///
/// # Errors
/// If a setting is out of its range, or a file or folder is not as above.
pub fn own_tasks(
    folder: &Path,
    options: &OwnOptions,
    observer: &mut dyn Observer,
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    options.check()?;
    let mut files = BTreeMap::new();
    let mut tasks = Vec::new();
    let mut first: Option<(PathBuf, bool)> = None;
    for (name, path) in entries(folder)? {
        let Some((name, splits)) = read_task(&name, &path, options, &mut files)? else {
            continue;
        };
        if !splits.train.is_regression() && splits.outputs() < 2 {
            return Err(DataError::content(
                path,
                "has 1 class, but a task needs at least 2",
            ));
        }
        observer.message(&format!("{name}: {splits}"));
        if let Some(max) = splits.darkness() {
            observer.message(&format!(
                "warning: the values of the 16-bit images of {name} go up to {max} of 65535 only, so all are nearly black; scale them to the whole range"
            ));
        }
        let is_regression = splits.train.is_regression();
        let (before, expected) = first.get_or_insert_with(|| (path.clone(), is_regression));
        if is_regression != *expected {
            let kind = |regression| {
                if regression {
                    "values to predict"
                } else {
                    "classes"
                }
            };
            return Err(DataError::content(
                path,
                format!(
                    "has {}, but {} has {}; the tasks of one network must be of one kind",
                    kind(is_regression),
                    before.display(),
                    kind(*expected)
                ),
            ));
        }
        if tasks.iter().any(|task: &Task| task.name == name) {
            return Err(DataError::content(
                path,
                format!("and another entry beside it are both the task {name}; rename one"),
            ));
        }
        tasks.push(task(name, splits, options.input.len())?);
    }
    if tasks.is_empty() {
        return Err(DataError::content(
            folder,
            "holds no task; put a folder of class folders or a .npz file there for each task",
        ));
    }
    let identity = DataIdentity {
        // Not the folder's name: moved or renamed they are the same data.
        name: "own data".to_owned(),
        real: true,
        files,
    };
    Ok((tasks, identity))
}

/// The task at an entry of the user's folder with its name, or nothing if the
/// entry is no task.
fn read_task(
    name: &str,
    path: &Path,
    options: &OwnOptions,
    sums: &mut BTreeMap<String, String>,
) -> Result<Option<(String, Splits)>, DataError> {
    if !path.is_dir() {
        let Some(task) = name.strip_suffix(".npz") else {
            return Ok(None);
        };
        let (samples, sum) = arrays::read(path, options.input)?;
        sums.insert(name.to_owned(), sum);
        let splits = samples.split(task, path, options.test_share)?;
        return Ok(Some((task.to_owned(), splits)));
    }
    let chosen = chosen_by_user(path)?;
    let splits = if chosen == Some(ARRAYS) {
        let [train, test] = ARRAYS.map(|file| -> Result<_, DataError> {
            let (samples, sum) = arrays::read(&path.join(file), options.input)?;
            sums.insert(format!("{name}/{file}"), sum);
            Ok(samples)
        });
        Splits::chosen(path, train?, test?)?
    } else if chosen == Some(FOLDERS) {
        let classes = folders::classes(&path.join("train"))?;
        let [train, test] = FOLDERS.map(|part| -> Result<_, DataError> {
            let (samples, sum) = folders::read(&path.join(part), &classes, options.input)?;
            sums.insert(format!("{name}/{part}"), sum);
            Ok(samples)
        });
        Splits::chosen(path, train?, test?)?
    } else {
        let classes = folders::classes(path)?;
        let (samples, sum) = folders::read(path, &classes, options.input)?;
        sums.insert(name.to_owned(), sum);
        samples.split(name, path, options.test_share)?
    };
    Ok(Some((name.to_owned(), splits)))
}

/// What a task's folder holds where the user has chosen what is for testing.
const FOLDERS: [&str; 2] = ["train", "test"];
const ARRAYS: [&str; 2] = ["train.npz", "test.npz"];

/// Which of these two a task's folder holds, and then nothing else.
fn chosen_by_user(path: &Path) -> Result<Option<[&'static str; 2]>, DataError> {
    let names: Vec<String> = entries(path)?.into_iter().map(|(name, _)| name).collect();
    let has = |part: &str| names.iter().any(|name| name == part);
    for part in [FOLDERS, ARRAYS].as_flattened() {
        let is_meant = |name: &&String| name != part && name.eq_ignore_ascii_case(part);
        if let Some(name) = names.iter().find(is_meant) {
            let what = format!("holds {name}; call it {part}, or otherwise if it is a class");
            return Err(DataError::content(path, what));
        }
    }
    for parts in [FOLDERS, ARRAYS] {
        let what = match parts.map(has) {
            [false, false] => continue,
            [true, true] => match names.iter().find(|name| !parts.contains(&name.as_str())) {
                None => return Ok(Some(parts)),
                Some(other) => format!(
                    "holds {other} beside {} and {}; put it into one of them, or move it away",
                    parts[0], parts[1]
                ),
            },
            [has_train, _] => format!(
                "holds {}, but no {} beside it; add that, or leave it to the program to choose what is for testing",
                parts[usize::from(!has_train)],
                parts[usize::from(has_train)]
            ),
        };
        return Err(DataError::content(path, what));
    }
    Ok(None)
}

fn task(name: String, splits: Splits, input_len: usize) -> Result<Task, DataError> {
    let outputs = splits.outputs();
    let train = splits.train.into_examples(input_len)?;
    let test = splits.test.into_examples(input_len)?;
    Ok(Task::new(name, outputs, train.clone())
        .evaluated_on("train", train)
        .evaluated_on("test", test))
}

/// Names and paths in a folder in order of the names, without hidden ones.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, DataError> {
    let cannot_read = |source| DataError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot_read)? {
        let entry = entry.map_err(cannot_read)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests;
