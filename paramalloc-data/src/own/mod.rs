//! A user's own tasks: directories of images, or NumPy arrays.

mod arrays;
mod image_directories;
mod new_inputs;
mod samples;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use paramalloc_core::data::Task;
use paramalloc_core::network::shape::Dims;
use paramalloc_core::summary::DataIdentity;
use serde::{Deserialize, Serialize};

use crate::error::{ContentProblem, DataError, OptionRange};
use crate::files::{case_twins, entries};
use crate::image_input::dark_warning;
use crate::observer::Observer;
use image_directories::refuse_special;
pub use new_inputs::NewInputs;
use samples::Splits;

/// The name of the data of [`own_tasks`] in their [`DataIdentity`].
pub const OWN_DATA: &str = "own data";

/// How to read a user's own tasks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
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

    /// Keeps this share of the examples of each class for `test`, above 0 and below 1.
    #[must_use]
    pub fn test_share(mut self, share: f64) -> Self {
        self.test_share = share;
        self
    }

    /// Refuses what is out of its range.
    pub(super) fn check(&self) -> Result<(), DataError> {
        let range = OptionRange::Between(0.0, 1.0);
        DataError::check_option("test share", self.test_share, range)
    }
}

impl From<Dims> for OwnOptions {
    fn from(input: Dims) -> Self {
        Self::new(input)
    }
}

/// The tasks in `directory`, in order of their names, each evaluated on `train`
/// and `test`, and what they were made from. A task is one of
///
/// | in `directory` | what it is |
/// |---|---|
/// | `TASK/CLASS/*.png`, `*.jpg`, `*.jpeg` | images of each class |
/// | `TASK/train/CLASS/*`, `TASK/test/CLASS/*` | the same with test images chosen by the user |
/// | `TASK.npz` | arrays `x` and `y` |
/// | `TASK/train.npz`, `TASK/test.npz` | the same with test examples chosen by the user |
///
/// Images are turned as their EXIF data say, become gray or red, green and blue as the input has 1 or 3 channels,
/// are stretched to its rows and columns, and have values 0 to 1. Classes are
/// numbered in order of their directories' names.
///
/// Array `x` is `[n, channels, rows, columns]` or `[n, features]`, of `uint8`
/// (pixels are divided by 255), `float32` or `float64` (as they are). Array `y` is `[n]` of integers,
/// the classes from 0, or `[n]` or `[n, outputs]` of floating-point numbers
/// for regression.
///
/// Without test data of its own, a share of each class is kept for `test`, at
/// random but alike in every run. Names that begin with a dot are not looked at.
/// `observer` is told of each task what was found, and which files in `directory`
/// itself are none.
///
/// # Errors
/// If a setting is out of its range, or a file or directory is not as above.
pub fn own_tasks(
    directory: &Path,
    options: &OwnOptions,
    observer: &mut dyn Observer,
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    options.check()?;
    let mut files = BTreeMap::new();
    let mut tasks = Vec::new();
    let mut first: Option<(PathBuf, bool)> = None;
    let mut unread = Vec::new();
    for (name, path) in entries(directory)? {
        let Some((name, splits)) = read_task(&name, &path, options, &mut files)? else {
            unread.push(name);
            continue;
        };
        if !splits.train.is_regression() && splits.outputs() < 2 {
            return Err(DataError::content(path, ContentProblem::OneClass));
        }
        observer.message(&format!("{name}: {splits}"));
        let classes: Vec<&str> = splits
            .train
            .class_names
            .iter()
            .map(String::as_str)
            .collect();
        warn_of_twins(&format!("classes of {name}"), &classes, observer);
        if let Some(warning) = dark_warning(&name, splits.max_of_16_bits()) {
            observer.message(&warning);
        }
        let is_regression = splits.train.is_regression();
        let (before, expected) = first.get_or_insert_with(|| (path.clone(), is_regression));
        if is_regression != *expected {
            let other = before.clone();
            return Err(DataError::content(
                path,
                ContentProblem::OtherKind {
                    is_regression,
                    other,
                },
            ));
        }
        if tasks.iter().any(|task: &Task| task.name == name) {
            return Err(DataError::content(
                path,
                ContentProblem::SameTask { task: name },
            ));
        }
        tasks.push(task(name, splits, options.input.len())?);
    }
    if !unread.is_empty() {
        observer.message(&format!(
            "not read: {} (a task is a directory or a .npz file)",
            unread.join(", ")
        ));
    }
    let names: Vec<&str> = tasks.iter().map(|task: &Task| task.name.as_str()).collect();
    warn_of_twins("tasks", &names, observer);
    if tasks.is_empty() {
        return Err(DataError::content(directory, ContentProblem::NoTask));
    }
    let identity = DataIdentity {
        // Not the directory's name: moved or renamed they are the same data.
        name: OWN_DATA.to_owned(),
        real: true,
        files,
    };
    Ok((tasks, identity))
}

/// A line to the user about two names that other file systems take for one.
fn warn_of_twins(what: &str, names: &[&str], observer: &mut dyn Observer) {
    if let Some([a, b]) = case_twins(names) {
        observer.message(&format!(
            "warning: the {what} {a} and {b} differ in upper and lower case only; they are taken for two"
        ));
    }
}

/// The task at an entry of the user's directory with its name; `None` if the entry
/// is no task.
fn read_task(
    name: &str,
    path: &Path,
    options: &OwnOptions,
    sums: &mut BTreeMap<String, String>,
) -> Result<Option<(String, Splits)>, DataError> {
    refuse_special(path)?;
    let array = name
        .rsplit_once('.')
        .filter(|(_, extension)| extension.eq_ignore_ascii_case("npz"));
    if let Some((task, _)) = array {
        let (samples, sum) = arrays::read(path, options.input)?;
        sums.insert(name.to_owned(), sum);
        let splits = samples.split(task, path, options.test_share)?;
        return Ok(Some((task.to_owned(), splits)));
    }
    if !path.is_dir() {
        return Ok(None);
    }
    let chosen = chosen_by_user(path)?;
    let splits = if chosen == Some(ARRAYS) {
        let [train, test] = ARRAYS.map(|file| -> Result<_, DataError> {
            let (samples, sum) = arrays::read(&path.join(file), options.input)?;
            sums.insert(format!("{name}/{file}"), sum);
            Ok(samples)
        });
        Splits::chosen(path, train?, test?)?
    } else if chosen == Some(DIRECTORIES) {
        let classes = image_directories::classes(&path.join("train"))?;
        let [train, test] = DIRECTORIES.map(|part| -> Result<_, DataError> {
            let (samples, sum) =
                image_directories::read(&path.join(part), &classes, options.input)?;
            sums.insert(format!("{name}/{part}"), sum);
            Ok(samples)
        });
        Splits::chosen(path, train?, test?)?
    } else {
        let classes = image_directories::classes(path)?;
        let (samples, sum) = image_directories::read(path, &classes, options.input)?;
        sums.insert(name.to_owned(), sum);
        samples.split(name, path, options.test_share)?
    };
    Ok(Some((name.to_owned(), splits)))
}

/// What a task's directory holds where the user has chosen what is for testing.
const DIRECTORIES: [&str; 2] = ["train", "test"];
const ARRAYS: [&str; 2] = ["train.npz", "test.npz"];

/// Which of these two a task's directory holds, and then nothing else.
fn chosen_by_user(path: &Path) -> Result<Option<[&'static str; 2]>, DataError> {
    let names: Vec<String> = entries(path)?.into_iter().map(|(name, _)| name).collect();
    let has = |part: &str| names.iter().any(|name| name == part);
    for part in [DIRECTORIES, ARRAYS].as_flattened() {
        let is_meant = |name: &&String| name != part && name.eq_ignore_ascii_case(part);
        if let Some(name) = names.iter().find(is_meant) {
            let name = name.clone();
            return Err(DataError::content(
                path,
                ContentProblem::PartName { name, part },
            ));
        }
    }
    for parts in [DIRECTORIES, ARRAYS] {
        let problem = match parts.map(has) {
            [false, false] => continue,
            [true, true] => match names.iter().find(|name| !parts.contains(&name.as_str())) {
                None => return Ok(Some(parts)),
                Some(other) => ContentProblem::BesideParts {
                    name: other.clone(),
                    parts,
                },
            },
            [has_train, _] => ContentProblem::OnePart {
                found: parts[usize::from(!has_train)],
                missing: parts[usize::from(has_train)],
            },
        };
        return Err(DataError::content(path, problem));
    }
    Ok(None)
}

fn task(name: String, splits: Splits, input_len: usize) -> Result<Task, DataError> {
    let outputs = splits.outputs();
    let class_names = splits.train.class_names.clone();
    let train = splits.train.into_examples(input_len)?;
    let test = splits.test.into_examples(input_len)?;
    Ok(Task::new(name, outputs, train.clone())
        .class_names(class_names)
        .evaluated_on("train", train)
        .evaluated_on("test", test))
}

#[cfg(test)]
mod tests;
