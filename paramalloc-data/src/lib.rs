//! Data sets: where their files are looked for and downloaded, their formats,
//! the built-in stand-ins, and the tasks made from them.
#![deny(missing_docs, missing_debug_implementations)]

mod cifar;
mod clusters;
mod data_source;
mod drawn;
mod error;
mod files;
mod formats;
mod gray;
mod idx;
mod images;
mod mnist;
mod observer;
mod omniglot;
mod options;
mod own;
mod resize;
mod rotate;
pub mod source;
pub mod sources;
mod split;
mod standin;
mod synthetic;
#[cfg(test)]
mod testing;
mod triangle;

pub use cifar::{CIFAR_100, COARSE_NAMES, cifar_tasks, cifar_tasks_from};
pub use clusters::{cluster_tasks, cluster_tasks_from};
pub use data_source::{DataSource, Dataset};
pub use drawn::{
    DRAWN_TEST_IMAGES, DRAWN_TRAIN_IMAGES, drawn_characters, drawn_clothes, drawn_digits,
    drawn_textures,
};
pub use error::{ArrayProblem, DataError, FileKind};
pub use gray::{FASHION_MNIST, MNIST};
pub use idx::{IdxShape, labelled_images};
pub use images::{Images, LabeledImages};
pub use mnist::{mnist_tasks, mnist_tasks_from};
pub use observer::{Download, Observer};
pub use omniglot::{ALPHABETS, OMNIGLOT, OmniglotOptions, omniglot_tasks, omniglot_tasks_from};
pub use options::{DataChoice, DataOptions, UnknownDataChoice};
pub use own::{OwnOptions, own_tasks};
pub use resize::{area_average, bilinear};
pub use rotate::rotate90;
pub use synthetic::{SyntheticOptions, synthetic_tasks};
