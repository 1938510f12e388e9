//! The two sets of ten classes of gray images in the idx format.

use crate::images::LabeledImages;
use paramalloc_core::summary::DataIdentity;

use crate::error::DataError;
use crate::files::LocalFile;
use crate::generated::{
    GENERATED_TEST_IMAGES, GENERATED_TRAIN_IMAGES, generated_clothes, generated_digits,
};
use crate::idx::{IdxShape, labelled_images};
use crate::observer::Observer;
use crate::options::DataOptions;
use crate::published::{self, Downloader, Locations, PublishedDataset, PublishedFile};
use crate::substitute::real_or_generated;

/// MNIST as published by LeCun, Cortes and Burges: images and labels to train
/// on, then to test on.
pub const MNIST: PublishedDataset = PublishedDataset {
    name: "MNIST",
    directory: "mnist",
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

/// Fashion-MNIST as published by Zalando: ten kinds of clothes, in files like
/// those of [`MNIST`].
pub const FASHION_MNIST: PublishedDataset = PublishedDataset {
    name: "Fashion-MNIST",
    directory: "fashion-mnist",
    files: &[
        PublishedFile {
            name: "train-images-idx3-ubyte.gz",
            bytes: 26_421_880,
            sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        },
        PublishedFile {
            name: "train-labels-idx1-ubyte.gz",
            bytes: 29_515,
            sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        },
        PublishedFile {
            name: "t10k-images-idx3-ubyte.gz",
            bytes: 4_422_102,
            sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        },
        PublishedFile {
            name: "t10k-labels-idx1-ubyte.gz",
            bytes: 5_148,
            sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
    ],
    mirrors: &["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
};

/// Rows, and columns, of an image.
pub(super) const SIDE: usize = 28;

/// Classes of either set.
pub(super) const CLASSES: u16 = 10;

/// Seeds of the generated sets: like a published set, they do not change with the
/// seed of a run.
const GENERATED_SEEDS: [u64; 2] = [1, 2];

const SHAPE: IdxShape = IdxShape {
    rows: SIDE,
    columns: SIDE,
    classes: CLASSES,
};

/// Images to train on and to test on.
pub(super) struct TrainTest {
    pub train: LabeledImages,
    pub test: LabeledImages,
}

/// A gray data set and its substitute.
#[derive(Clone, Copy)]
pub(super) struct IdxDataset<'a> {
    pub dataset: &'a PublishedDataset<'a>,
    things: &'static str,
    generate: fn(usize, u64) -> LabeledImages,
}

impl<'a> IdxDataset<'a> {
    /// `dataset` has the files of [`MNIST`].
    pub fn digits(dataset: &'a PublishedDataset<'a>) -> Self {
        Self {
            dataset,
            things: "digits",
            generate: generated_digits,
        }
    }

    /// `dataset` has the files of [`FASHION_MNIST`].
    pub fn clothes(dataset: &'a PublishedDataset<'a>) -> Self {
        Self {
            dataset,
            things: "clothes",
            generate: generated_clothes,
        }
    }

    /// All images, whatever limits the options have.
    pub fn load(
        &self,
        locations: &Locations,
        downloader: &Downloader,
        options: &DataOptions,
        observer: &mut dyn Observer,
    ) -> Result<(TrainTest, DataIdentity), DataError> {
        real_or_generated(
            self.dataset,
            self.things,
            options,
            observer,
            |observer| published::load(self.dataset, locations, downloader, parse, observer),
            || self.generated(),
        )
    }

    fn generated(&self) -> TrainTest {
        let [train, test] = GENERATED_SEEDS;
        TrainTest {
            train: (self.generate)(GENERATED_TRAIN_IMAGES, train),
            test: (self.generate)(GENERATED_TEST_IMAGES, test),
        }
    }
}

fn parse(files: &[LocalFile]) -> Result<TrainTest, DataError> {
    Ok(TrainTest {
        train: labelled_images(&files[0], &files[1], SHAPE)?,
        test: labelled_images(&files[2], &files[3], SHAPE)?,
    })
}
