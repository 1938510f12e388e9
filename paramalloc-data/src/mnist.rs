//! The four digit tasks: two plain copies of MNIST and two turned by 90
//! degrees counter-clockwise.

use paramalloc_core::data::Task;
use paramalloc_core::summary::DataIdentity;

use crate::error::DataError;
use crate::idx_datasets::{CLASSES, IdxDataset, MNIST, SIDE, TrainTest};
use crate::images::LabeledImages;
use crate::observer::Observer;
use crate::options::DataOptions;
use crate::published::{Downloader, Locations, PublishedDataset};
use crate::rotate::rotate90;

/// The tasks MNIST, MNIST-2, MNIST-Rot and MNIST-Rot-2, each evaluated on
/// `train` and `test`, and which data they are made from. `observer` gets messages for
/// the user.
pub fn mnist_tasks(
    options: &DataOptions,
    observer: &mut dyn Observer,
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    let locations = Locations::new(options.data_dir.as_deref());
    mnist_tasks_from(
        &MNIST,
        &locations,
        &Downloader::default(),
        options,
        observer,
    )
}

/// [`mnist_tasks`] of any data set with the files of MNIST, looked for in
/// `locations` instead of `--data-dir` and the user's own.
pub fn mnist_tasks_from(
    dataset: &PublishedDataset,
    locations: &Locations,
    downloader: &Downloader,
    options: &DataOptions,
    observer: &mut dyn Observer,
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    let (mut digits, mut identity) =
        IdxDataset::digits(dataset).load(locations, downloader, options, observer)?;
    let sizes = [("train", &digits.train), ("test", &digits.test)];
    let sizes = sizes.map(|(split, images)| (split, images.classes.len()));
    identity.name += &options.note_of_limits(&sizes);
    for (split, images) in [("train", &mut digits.train), ("test", &mut digits.test)] {
        if let Some(limit) = options.limit(split) {
            truncate(images, limit.get());
        }
    }
    Ok((four_tasks(digits)?, identity))
}

fn truncate(images: &mut LabeledImages, limit: usize) {
    images.classes.truncate(limit);
    images
        .pixels
        .truncate(images.classes.len() * images.image_len);
}

fn four_tasks(plain: TrainTest) -> Result<Vec<Task>, DataError> {
    let rotated = TrainTest {
        train: rotate90(&plain.train, SIDE),
        test: rotate90(&plain.test, SIDE),
    };
    let pairs = [
        (plain, "plain", ["MNIST", "MNIST-2"]),
        (rotated, "rotated", ["MNIST-Rot", "MNIST-Rot-2"]),
    ];
    let mut tasks = Vec::new();
    for (digits, group, names) in pairs {
        let (train, test) = (digits.train.into_examples()?, digits.test.into_examples()?);
        tasks.extend(names.map(|name| {
            Task::new(name, CLASSES.into(), train.clone())
                .group(group)
                .evaluated_on("train", train.clone())
                .evaluated_on("test", test.clone())
        }));
    }
    Ok(tasks)
}

#[cfg(test)]
pub(super) mod tests;
