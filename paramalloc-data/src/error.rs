//! Why data cannot be used.

mod added;
mod array;
mod content;
mod file_kind;
mod mirror;
mod range;
mod shown;
mod table;
mod table_image;

use std::io;
use std::path::{Path, PathBuf};

use paramalloc_core::text::brief;
use thiserror::Error;

pub use added::AddedProblem;
pub use array::ArrayProblem;
pub use content::ContentProblem;
pub use file_kind::FileKind;
pub use mirror::{MirrorError, MirrorFailure};
pub use range::OptionRange;
pub(crate) use shown::shown;
pub use table::TableProblem;
pub use table_image::TableImageError;

/// Why a data set cannot be used. Every message names the file it is about and
/// what to do.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// `--data-dir` is not a directory.
    #[error("--data-dir {} is not a directory", shown(path))]
    NotADirectory {
        /// What was given.
        path: PathBuf,
    },
    /// Some files of the data set are there, but not this one.
    #[error(
        "{} is missing, although other files of {dataset} are beside it; add it, or move the others away",
        shown(path)
    )]
    Missing {
        /// Name of the data set.
        dataset: String,
        /// Where the file should be.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", shown(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A download cannot be stored.
    #[error("cannot store a download in {}: {source}", shown(path))]
    Store {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not gzip, or its end is missing, or its checksum is wrong.
    #[error(
        "{} is not a whole gzip file ({}); fetch it again",
        shown(path),
        brief(source)
    )]
    Gzip {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        source: io::Error,
    },
    /// The first four bytes are not those of the format.
    #[error(
        "{} starts with {found:#010x} instead of {expected:#010x}, which marks an idx file of {content}; it is another kind of file",
        shown(path)
    )]
    Magic {
        /// The file.
        path: PathBuf,
        /// `images` or `labels`.
        content: &'static str,
        /// The number the format starts with.
        expected: u32,
        /// The number found.
        found: u32,
    },
    /// The header announces more content than there is.
    #[error(
        "{} ends after {found} bytes, but its header announces {expected}; fetch it again",
        shown(path)
    )]
    Short {
        /// The file.
        path: PathBuf,
        /// Bytes of the uncompressed file according to its header.
        expected: u64,
        /// Bytes there are.
        found: u64,
    },
    /// There are bytes after the announced content.
    #[error(
        "{} has trailing bytes after its last {item}; fetch it again",
        shown(path)
    )]
    TrailingBytes {
        /// The file.
        path: PathBuf,
        /// What the content ends with: `image`, `label` or `gzip block`.
        item: &'static str,
    },
    /// The file holds no example.
    #[error("{} holds no {content}", shown(path))]
    Empty {
        /// The file.
        path: PathBuf,
        /// `images` or `labels`.
        content: &'static str,
    },
    /// The images have another size.
    #[error(
        "{} holds images of {} x {} pixels instead of {} x {}; fetch the published files again",
        shown(path), found.0, found.1, expected.0, expected.1
    )]
    ImageSize {
        /// The file.
        path: PathBuf,
        /// Rows and columns wanted.
        expected: (usize, usize),
        /// Rows and columns found.
        found: (usize, usize),
    },
    /// Images and labels do not pair up.
    #[error(
        "{} holds {images} images, but {} holds {labels} labels; the two must come from one data set",
        shown(images_path),
        shown(labels_path)
    )]
    Counts {
        /// The file of images.
        images_path: PathBuf,
        /// Its images.
        images: usize,
        /// The file of labels.
        labels_path: PathBuf,
        /// Its labels.
        labels: usize,
    },
    /// A label is not a class.
    #[error("{}: label {index} is {label}, but labels go from 0 to {}", shown(path), classes - 1)]
    Label {
        /// The file.
        path: PathBuf,
        /// Which label, counted from 0.
        index: usize,
        /// Its value.
        label: u8,
        /// Classes of the data set.
        classes: u16,
    },
    /// An archive or an image cannot be decoded.
    #[error(
        "{} is not a whole {format} file ({}); fetch or save it again, or remove it",
        shown(path),
        brief(source)
    )]
    Broken {
        /// The file, or its path in an archive.
        path: PathBuf,
        /// `zip` for example.
        format: &'static str,
        /// What the decoder said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Unpacked, a file would take more memory than it may.
    #[error(
        "{} is too large: its {content} take {bytes} bytes, but may take {limit}; make it smaller",
        shown(path)
    )]
    TooLarge {
        /// The file, or its path in an archive.
        path: PathBuf,
        /// What takes so much, `pixels` for example.
        content: &'static str,
        /// Bytes that it takes once unpacked.
        bytes: u64,
        /// Bytes that it may take.
        limit: u64,
    },
    /// A file or directory does not hold what it should.
    #[error("{} {problem}", shown(path))]
    Content {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong.
        problem: ContentProblem,
    },
    /// Something else stands where a file is expected.
    #[error("{} is {kind}, but must be a file", shown(path))]
    NotAFile {
        /// Where it is.
        path: PathBuf,
        /// What it is.
        kind: FileKind,
    },
    /// An array of a `.npz` file is missing.
    #[error(
        "{} has no array `{array}`; write it with numpy.savez(file, x=x, y=y)",
        shown(path)
    )]
    NoArray {
        /// The file.
        path: PathBuf,
        /// Name of the array.
        array: &'static str,
    },
    /// An array of a `.npz` file cannot be used.
    #[error("{} has an array `{array}` {problem}", shown(path))]
    Array {
        /// The file.
        path: PathBuf,
        /// Name of the array.
        array: &'static str,
        /// What is wrong with it.
        problem: ArrayProblem,
    },
    /// There is not one target for each input.
    #[error(
        "{} has {inputs} inputs, but an array `y` of shape {targets:?}",
        shown(path)
    )]
    TargetCount {
        /// The file.
        path: PathBuf,
        /// Number of inputs.
        inputs: usize,
        /// Shape of the array of targets.
        targets: Vec<usize>,
    },
    /// A table cannot be used.
    #[error("{} {problem}", shown(path))]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: Box<TableProblem>,
    },
    /// Tasks cannot be added to those of a run.
    #[error(transparent)]
    Added(#[from] AddedProblem),
    /// An image that a table names cannot be used.
    #[error(transparent)]
    TableImage(#[from] TableImageError),
    /// Nothing is left to train on, or to validate with.
    #[error(
        "{task} has too few training examples for a validation split; leave out --validation-share"
    )]
    TooFewToValidate {
        /// Name of the task.
        task: String,
    },
    /// Inputs and targets do not pair up.
    #[error(transparent)]
    Examples(#[from] paramalloc_core::data::ExamplesError),
    /// The options of a data source are not those it has.
    #[error("the options of the data source {name} do not fit it: {source}")]
    SourceOptions {
        /// Name of the source.
        name: String,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A data source of a program has the name of one of this crate.
    #[error("the data source {name} needs another name; there is a built-in one of this name")]
    ReservedName {
        /// The name.
        name: String,
    },
    /// A data source of a program failed.
    #[error("cannot load the data of {name}: {source}")]
    Program {
        /// Name of the source.
        name: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An option is out of its range.
    #[error("the {option} is {value}, but it must be {range}")]
    OptionRange {
        /// What it is, `test share` for example.
        option: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        range: OptionRange,
    },
    /// There are too few features for the pairs of synthetic tasks.
    #[error("{pairs} pairs of tasks need at least {needed} features, but there are {found}")]
    Features {
        /// Pairs of tasks.
        pairs: usize,
        /// Features that they need.
        needed: usize,
        /// Features that there are.
        found: usize,
    },
    /// The user named no directory with tasks.
    #[error("name the directory with your tasks: --data-dir DIR")]
    NoDataDirectory,
    /// There is no directory to keep downloads in.
    #[error(
        "{dataset} is {}, and the home directory to download it to is unknown; pass --data-dir or set HOME",
        nowhere(searched)
    )]
    NoCacheDirectory {
        /// Name of the data set.
        dataset: String,
        /// Where the user said that it may be.
        searched: Vec<PathBuf>,
    },
    /// No mirror gave the file.
    #[error(
        "{dataset} is {}, and {file} cannot be downloaded from {}; put it and the other files into {} by hand, or pass --data-dir DIR with them in DIR/{subdirectory}",
        nowhere(searched),
        grouped(failures),
        shown(directory)
    )]
    Download {
        /// Name of the data set.
        dataset: String,
        /// Name of the file.
        file: String,
        /// Directory it was meant for.
        directory: PathBuf,
        /// Name of that directory inside a data directory.
        subdirectory: String,
        /// Where the user said that it may be.
        searched: Vec<PathBuf>,
        /// Each mirror, and why it does not give the file.
        failures: Vec<MirrorFailure>,
    },
}

impl DataError {
    /// What is wrong with the content of `path`.
    pub(crate) fn content(path: impl Into<PathBuf>, problem: ContentProblem) -> Self {
        Self::Content {
            path: path.into(),
            problem,
        }
    }

    /// What is wrong with the table at `path`.
    pub(crate) fn table(path: &Path, problem: TableProblem) -> Self {
        Self::Table {
            path: path.to_owned(),
            problem: Box::new(problem),
        }
    }

    /// Refuses an option out of its range.
    pub(crate) fn check_option(
        option: &'static str,
        value: f64,
        range: OptionRange,
    ) -> Result<(), Self> {
        match range.contains(value) {
            true => Ok(()),
            false => Err(Self::OptionRange {
                option,
                value,
                range,
            }),
        }
    }

    /// True if the user asked for something that cannot be, whatever the data:
    /// an option out of its range, or a directory that was not named.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::OptionRange { .. } | Self::Features { .. } | Self::NoDataDirectory
        ) || matches!(self, Self::Table { problem, .. } if problem.is_usage())
    }

    /// What a decoder of `format` said about `path`.
    pub(crate) fn broken(
        path: impl Into<PathBuf>,
        format: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Broken {
            path: path.into(),
            format,
            source: source.into(),
        }
    }

    /// The same, where the data set was looked for in these directories before.
    pub(crate) fn searched_in(mut self, directories: Vec<PathBuf>) -> Self {
        if let Self::Download { searched, .. } = &mut self {
            *searched = directories;
        }
        self
    }

    /// True if the data set is merely out of reach, as on a machine without
    /// network or without a directory to write to: a stand-in may take its place.
    pub fn is_out_of_reach(&self) -> bool {
        matches!(
            self,
            Self::NoCacheDirectory { .. } | Self::Download { .. } | Self::Store { .. }
        )
    }
}

/// `not in DIRECTORY or DIRECTORY`
fn nowhere(searched: &[PathBuf]) -> String {
    let searched: Vec<String> = searched.iter().map(|path| shown(path)).collect();
    match searched.is_empty() {
        true => "in no directory given".to_owned(),
        false => format!("not in {}", searched.join(" or ")),
    }
}

/// `MIRROR (REASON), MIRROR or MIRROR (REASON)`: a reason that several mirrors
/// share is told once.
fn grouped(failures: &[MirrorFailure]) -> String {
    let told = failures
        .iter()
        .map(|failure| (failure.mirror.as_str(), failure.reason.to_string()));
    let told: Vec<(&str, String)> = told.collect();
    let groups = told.chunk_by(|(_, a), (_, b)| a == b).map(|group| {
        let mirrors: Vec<&str> = group.iter().map(|(mirror, _)| *mirror).collect();
        format!("{} ({})", mirrors.join(" or "), group[0].1)
    });
    groups.collect::<Vec<_>>().join(", ")
}
