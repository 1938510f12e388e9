//! The four digit tasks: two plain copies of MNIST and two turned by 90
//! degrees counter-clockwise.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use paramalloc_core::data::{ByteImages, Examples, Task};
use paramalloc_core::summary::DataIdentity;

use super::source::{self, Dataset, Downloader, LocalFile, Places, PublishedFile};
use super::{
    DRAWN_TEST_IMAGES, DRAWN_TRAIN_IMAGES, DataChoice, DataError, DataOptions, IdxShape,
    drawn_digits, labelled_images, rotate90,
};

/// MNIST as published by LeCun, Cortes and Burges: images and labels to train
/// on, then to test on.
pub const MNIST: Dataset = Dataset {
    name: "MNIST",
    folder: "mnist",
    files: &[
        PublishedFile {
            name: "train-images-idx3-ubyte.gz",
            bytes: 9_912_422,
            sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        },
        PublishedFile {
            name: "train-labels-idx1-ubyte.gz",
            bytes: 28_881,
            sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        },
        PublishedFile {
            name: "t10k-images-idx3-ubyte.gz",
            bytes: 1_648_877,
            sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        },
        PublishedFile {
            name: "t10k-labels-idx1-ubyte.gz",
            bytes: 4_542,
            sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
    ],
    mirrors: &[
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://yann.lecun.com/exdb/mnist/",
    ],
};

const SIDE: usize = 28;
const CLASSES: u16 = 10;

const SHAPE: IdxShape = IdxShape {
    rows: SIDE,
    columns: SIDE,
    classes: CLASSES,
};

/// Seeds of the drawn sets: like a published set, they do not change with the
/// seed of a run.
const DRAWN_SEEDS: [u64; 2] = [1, 2];

/// The tasks MNIST, MNIST-2, MNIST-Rot and MNIST-Rot-2, each evaluated on
/// `train` and `test`, and which data they are made from. `say` gets lines for
/// the user.
pub fn mnist_tasks(
    options: &DataOptions,
    say: &mut dyn FnMut(&str),
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    let places = Places::new(options.data_dir.as_deref());
    mnist_tasks_from(&MNIST, &places, &Downloader::default(), options, say)
}

/// [`mnist_tasks`] of any data set with the files of MNIST, looked for in
/// `places` instead of `--data-dir` and the user's own.
pub fn mnist_tasks_from(
    dataset: &Dataset,
    places: &Places,
    downloader: &Downloader,
    options: &DataOptions,
    say: &mut dyn FnMut(&str),
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    let (digits, mut identity) = digits(dataset, places, downloader, options, say)?;
    identity.name += &note_of_limits(options, &digits);
    Ok((four_tasks(digits.limited(options)), identity))
}

/// Images to train on and to test on.
struct Digits {
    train: ByteImages,
    test: ByteImages,
}

fn digits(
    dataset: &Dataset,
    places: &Places,
    downloader: &Downloader,
    options: &DataOptions,
    say: &mut dyn FnMut(&str),
) -> Result<(Digits, DataIdentity), DataError> {
    if options.data == DataChoice::Drawn {
        say(&format!(
            "NOT {0}: digits drawn by the program, as asked; never compare its figures with {0}'s",
            dataset.name
        ));
        return Ok(drawn());
    }
    match source::load(dataset, places, downloader, parse, say) {
        Ok(loaded) => Ok((
            loaded.content,
            DataIdentity {
                name: dataset.folder.to_owned(),
                real: true,
                files: loaded.sums,
            },
        )),
        Err(error) if options.data == DataChoice::Auto && error.is_out_of_reach() => {
            say(&error.to_string());
            say(&format!(
                "NOT {0}: the program draws its own digits instead; never compare its figures with {0}'s",
                dataset.name
            ));
            Ok(drawn())
        }
        Err(error) => Err(error),
    }
}

fn parse(files: &[LocalFile]) -> Result<Digits, DataError> {
    Ok(Digits {
        train: labelled_images(&files[0], &files[1], SHAPE)?,
        test: labelled_images(&files[2], &files[3], SHAPE)?,
    })
}

fn drawn() -> (Digits, DataIdentity) {
    let [train, test] = DRAWN_SEEDS;
    let digits = Digits {
        train: drawn_digits(DRAWN_TRAIN_IMAGES, train),
        test: drawn_digits(DRAWN_TEST_IMAGES, test),
    };
    let identity = DataIdentity {
        name: "drawn digits".to_owned(),
        real: false,
        files: BTreeMap::new(),
    };
    (digits, identity)
}

impl Digits {
    fn limited(mut self, options: &DataOptions) -> Self {
        for (images, limit) in [
            (&mut self.train, options.train_examples),
            (&mut self.test, options.test_examples),
        ] {
            if let Some(limit) = limit {
                images.classes.truncate(limit.get());
                images
                    .pixels
                    .truncate(images.classes.len() * images.image_len);
            }
        }
        self
    }
}

/// ` (first 1000 train, 500 test)`, or nothing where no limit takes effect.
fn note_of_limits(options: &DataOptions, digits: &Digits) -> String {
    let part = |limit: Option<NonZeroUsize>, images: &ByteImages, split| {
        let limit = limit.filter(|limit| limit.get() < images.len())?;
        Some(format!("{limit} {split}"))
    };
    let parts: Vec<String> = [
        part(options.train_examples, &digits.train, "train"),
        part(options.test_examples, &digits.test, "test"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        return String::new();
    }
    format!(" (first {})", parts.join(", "))
}

fn four_tasks(plain: Digits) -> Vec<Task> {
    let rotated = Digits {
        train: rotate90(&plain.train, SIDE),
        test: rotate90(&plain.test, SIDE),
    };
    let pairs = [
        (plain, "plain", ["MNIST", "MNIST-2"]),
        (rotated, "rotated", ["MNIST-Rot", "MNIST-Rot-2"]),
    ];
    let mut tasks = Vec::new();
    for (digits, group, names) in pairs {
        let train: Arc<dyn Examples> = Arc::new(digits.train);
        let test: Arc<dyn Examples> = Arc::new(digits.test);
        for name in names {
            tasks.push(Task {
                name: name.to_owned(),
                group: group.to_owned(),
                outputs: CLASSES.into(),
                train: train.clone(),
                evaluation: vec![
                    ("train".to_owned(), train.clone()),
                    ("test".to_owned(), test.clone()),
                ],
            });
        }
    }
    tasks
}

#[cfg(test)]
mod tests;
