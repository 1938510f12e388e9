//! What is wrong with the content of a file or directory.

use std::path::PathBuf;

use paramalloc_core::network::shape::Dims;
use thiserror::Error;

use super::shown::shown;
use paramalloc_core::text::escaped;

/// What is wrong with the content of a file or directory; its `Display` follows
/// the path.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ContentProblem {
    /// The name is not UTF-8.
    #[error("has a name that is no UTF-8; rename it")]
    NotUtf8,
    /// Two names of a directory are the same but for their form in Unicode, or
    /// for control characters.
    #[error("holds two entries named {name}, whose names differ in their bytes only; rename one")]
    SameName {
        /// The name.
        name: String,
    },
    /// A file of records has none.
    #[error("holds no record of {bytes} bytes; fetch it again")]
    NoRecord {
        /// Bytes of a record.
        bytes: usize,
    },
    /// A file of records ends inside of one.
    #[error("breaks off in record {record}, after {found} of its {bytes} bytes; fetch it again")]
    CutRecord {
        /// Index of the record.
        record: usize,
        /// Bytes of it that are there.
        found: usize,
        /// Bytes of a record.
        bytes: usize,
    },
    /// A fine class is in two coarse classes.
    #[error(
        "gives fine class {fine} coarse class {coarse} in record {record}, but {before} before; fetch it again"
    )]
    TwoCoarseClasses {
        /// The fine class.
        fine: u8,
        /// Index of the record.
        record: usize,
        /// Its coarse class there.
        coarse: u8,
        /// Its coarse class in a record before.
        before: u8,
    },
    /// A coarse class has another number of fine classes.
    #[error(
        "has images of {found} fine classes in coarse class {coarse} instead of {expected}; fetch it again"
    )]
    FineClasses {
        /// The coarse class.
        coarse: usize,
        /// Its fine classes that have images.
        found: usize,
        /// The fine classes that it should have.
        expected: usize,
    },
    /// An archive lacks a file.
    #[error("does not hold {entry}; fetch it again")]
    NoEntry {
        /// Path of the file in the archive.
        entry: String,
    },
    /// An alphabet of Omniglot is missing.
    #[error("is missing; fetch Omniglot again, or use fewer alphabets")]
    NoAlphabet,
    /// A part of Omniglot has another number of characters or drawings.
    #[error("holds {found} {items} instead of {expected}; fetch Omniglot again")]
    Count {
        /// `characters` or `drawings`.
        items: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// A drawing of Omniglot is not black and white.
    #[error("has gray pixels, but the drawings of Omniglot are black on white; fetch it again")]
    GrayPixels,
    /// A directory of tasks has none.
    #[error(
        "holds no task; put a directory of class directories or a .npz file there for each task"
    )]
    NoTask,
    /// Two entries of a directory of tasks are the same task.
    #[error("and another entry beside it are both the task {}; rename one", escaped(.task))]
    SameTask {
        /// Name of the task.
        task: String,
    },
    /// A task has classes where another one has values, or the other way round.
    #[error(
        "has {}, but {} has {}; the tasks of one network must be of one kind",
        kind(*.is_regression), shown(.other), kind(!.is_regression)
    )]
    OtherKind {
        /// True if this task has values to predict.
        is_regression: bool,
        /// The other task.
        other: PathBuf,
    },
    /// A task has one class.
    #[error("has 1 class, but a task needs at least 2")]
    OneClass,
    /// A task has no class directories.
    #[error(
        "holds no class directories; a task is a directory with a directory of images for each class"
    )]
    NoClassDirectories,
    /// A task has one class directory.
    #[error("holds 1 class directory, but a task needs at least 2 classes")]
    OneClassDirectory,
    /// A task has more classes than 16 bits can number.
    #[error("holds {found} class directories, but may hold 65535")]
    TooManyClasses {
        /// Number of class directories.
        found: usize,
    },
    /// A file lies beside class directories.
    #[error("holds {} beside its class directories; put it into one of them, or move it away", escaped(.name))]
    BesideClasses {
        /// Name of the file.
        name: String,
    },
    /// The network takes no images.
    #[error(
        "holds images, but the network takes {input}, which images of 1 or 3 channels cannot be made to; use .npz arrays"
    )]
    NoImageInput {
        /// Shape of the network's input.
        input: Dims,
    },
    /// A class has test images only.
    #[error("is a class that the training images do not have{}", other_case(.similar))]
    UnknownClass {
        /// A class of the training images whose name differs in case only.
        similar: Option<String>,
    },
    /// A class has no images.
    #[error("holds no images; add PNG or JPEG files, or remove the directory")]
    NoImages,
    /// A class directory holds what is no image.
    #[error("holds {}", not_images(.name, *.others))]
    NotImages {
        /// Name of the first such entry.
        name: String,
        /// How many more there are.
        others: usize,
    },
    /// One of `train` and `test` has classes, the other one values.
    #[error("has classes in one of train and test, but values to predict in the other")]
    KindsOfParts,
    /// `train` and `test` have another number of values to predict.
    #[error("has {train} values to predict per example in train, but {test} in test")]
    OutputsOfParts {
        /// Values per example in `train`.
        train: usize,
        /// Values per example in `test`.
        test: usize,
    },
    /// A class has examples in `test` only.
    #[error("has examples of class {class} to test on, but none to train on")]
    UntrainedClass {
        /// Number of the class.
        class: usize,
    },
    /// A class has too few examples to part them.
    #[error(
        "has 1 example of class {}, but needs 2, to train on and to test on; add one, or split the data into train and test yourself",
        escaped(.class)
    )]
    OneExample {
        /// Name or number of the class.
        class: String,
    },
    /// A part of a task is written otherwise.
    #[error("holds {}; call it {part}, or otherwise if it is a class", escaped(.name))]
    PartName {
        /// Name of the entry.
        name: String,
        /// What it should be called.
        part: &'static str,
    },
    /// Something lies beside the parts of a task.
    #[error(
        "holds {} beside {} and {}; put it into one of them, or move it away",
        escaped(.name), .parts[0], .parts[1]
    )]
    BesideParts {
        /// Name of the entry.
        name: String,
        /// Names of the parts.
        parts: [&'static str; 2],
    },
    /// A part of a task is missing.
    #[error(
        "holds {found}, but no {missing} beside it; add that, or leave it to the program to choose what is for testing"
    )]
    OnePart {
        /// The part that is there.
        found: &'static str,
        /// The part that is missing.
        missing: &'static str,
    },
}

fn kind(is_regression: bool) -> &'static str {
    match is_regression {
        true => "values to predict",
        false => "classes",
    }
}

fn other_case(similar: &Option<String>) -> String {
    match similar {
        Some(name) => format!(" (they have {})", escaped(name)),
        None => String::new(),
    }
}

fn not_images(name: &str, others: usize) -> String {
    let name = escaped(name);
    match others {
        0 => format!("{name}, which is no .png, .jpg or .jpeg file; move it away"),
        _ => {
            let entries = if others == 1 { "entry" } else { "entries" };
            format!(
                "{name} and {others} more {entries} that are no .png, .jpg or .jpeg files; move them away"
            )
        }
    }
}
