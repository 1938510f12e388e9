//! The four digit tasks: two plain copies of MNIST and two turned by 90
//! degrees counter-clockwise.

use std::sync::Arc;

use paramalloc_core::data::{ByteImages, Examples, Task};
use paramalloc_core::summary::DataIdentity;

use super::gray::{CLASSES, GrayKind, GraySet, MNIST, SIDE};
use super::source::{Dataset, Downloader, Places};
use super::{DataError, DataOptions, rotate90};

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
    let (mut digits, mut identity) =
        GrayKind::digits(dataset).load(places, downloader, options, say)?;
    identity.name +=
        &options.note_of_limits(&[("train", digits.train.len()), ("test", digits.test.len())]);
    for (split, images) in [("train", &mut digits.train), ("test", &mut digits.test)] {
        if let Some(limit) = options.limit(split) {
            truncate(images, limit.get());
        }
    }
    Ok((four_tasks(digits), identity))
}

fn truncate(images: &mut ByteImages, limit: usize) {
    images.classes.truncate(limit);
    images
        .pixels
        .truncate(images.classes.len() * images.image_len);
}

fn four_tasks(plain: GraySet) -> Vec<Task> {
    let rotated = GraySet {
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
pub(super) mod tests;
