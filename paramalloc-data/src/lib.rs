#![doc = include_str!("../README.md")]
#![deny(missing_docs, missing_debug_implementations)]

mod added;
mod cifar;
mod clusters;
mod data_source;
mod error;
mod files;
mod formats;
mod generated;
mod idx;
mod idx_datasets;
mod image_changes;
mod image_input;
mod images;
mod mnist;
mod normalization;
mod observer;
mod omniglot;
mod options;
mod own;
pub mod published;
mod resize;
mod rotate;
pub mod sources;
mod split;
mod substitute;
mod synthetic;
pub mod table;
#[cfg(test)]
mod testing;
mod triangle;
mod validation;

pub use added::{AddedOptions, NewTasks};
pub use cifar::{CIFAR_100, COARSE_NAMES, cifar_tasks, cifar_tasks_from};
pub use clusters::{cluster_tasks, cluster_tasks_from};
pub use data_source::{DataSource, Dataset};
pub use error::{
    AddedProblem, ArrayProblem, ContentProblem, DataError, FileKind, MirrorError, MirrorFailure,
    OptionRange, TableImageError, TableProblem,
};
pub use formats::write_npz::write_npz;
pub use generated::{
    GENERATED_TEST_IMAGES, GENERATED_TRAIN_IMAGES, generated_characters, generated_clothes,
    generated_digits, generated_textures,
};
pub use idx::{IdxShape, labelled_images};
pub use idx_datasets::{FASHION_MNIST, MNIST};
pub use image_changes::{ImageChanges, prepare_images};
pub use images::{Images, LabeledImages};
pub use mnist::{mnist_tasks, mnist_tasks_from};
pub use normalization::Normalization;
pub use observer::{Download, Observer};
pub use omniglot::{ALPHABETS, OMNIGLOT, OmniglotOptions, omniglot_tasks, omniglot_tasks_from};
pub use options::{DataChoice, DataOptions, UnknownDataChoice};
pub use own::{NewInputs, OWN_DATA, OwnOptions, own_tasks};
pub use resize::{area_average, bilinear};
pub use rotate::rotate90;
pub use synthetic::{SyntheticOptions, synthetic_tasks};
pub use validation::part_validation;
