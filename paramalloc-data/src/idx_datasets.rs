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
            unpacked_sha256: Some(
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
        },
        PublishedFile {
            name: "train-labels-idx1-ubyte.gz",
            bytes: 28_881,
            sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            unpacked_sha256: Some(
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
        },
        PublishedFile {
            name: "t10k-images-idx3-ubyte.gz",
            bytes: 1_648_877,
            sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            unpacked_sha256: Some(
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
        },
        PublishedFile {
            name: "t10k-labels-idx1-ubyte.gz",
            bytes: 4_542,
            sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            unpacked_sha256: Some(
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
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
            unpacked_sha256: Some(
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
        },
        PublishedFile {
            name: "train-labels-idx1-ubyte.gz",
            bytes: 29_515,
            sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            unpacked_sha256: Some(
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
        },
        PublishedFile {
            name: "t10k-images-idx3-ubyte.gz",
            bytes: 4_422_102,
            sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            unpacked_sha256: Some(
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
        },
        PublishedFile {
            name: "t10k-labels-idx1-ubyte.gz",
            bytes: 5_148,
            sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            unpacked_sha256: Some(
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
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
