//! Three clusters of tasks that have little in common: 20 on the coarse
//! classes of CIFAR-100, 10 on MNIST and 10 on Fashion-MNIST, each of which
//! leaves one class out.

use std::sync::Arc;

use paramalloc_core::data::{Examples, Inputs, Task};
use paramalloc_core::summary::DataIdentity;

use crate::cifar::{self, CIFAR_100, cifar_tasks_from};
use crate::error::DataError;
use crate::idx_datasets::{self, CLASSES, FASHION_MNIST, IdxDataset, MNIST, TrainTest};
use crate::images::{Images, LabeledImages};
use crate::observer::Observer;
use crate::options::DataOptions;
use crate::published::{Downloader, Locations};
use crate::resize::bilinear;

/// Planes of an input.
const PLANES: usize = 3;

/// The classes of Fashion-MNIST in order of their labels.
const CLOTHES: [&str; CLASSES as usize] = [
    "T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
];

/// The 40 tasks in the groups `cifar-100`, `mnist` and `fashion-mnist`, or
/// `generated textures`, `generated digits` and `generated clothes`, each evaluated on
/// `train` and `test`, and which data they are made from. `observer` gets messages for
/// the user.
///
/// Inputs are 3 x 32 x 32 with values 0 to 1. The first 20 tasks are those of
/// [`super::cifar_tasks`], without `validation`. The others have 9 classes,
/// relabelled 0 to 8 in order; their images are resized to 32 x 32 by bilinear
/// interpolation, rounded to bytes, and given for each of the planes. In
/// training all images are padded with 4 zeros on each side and cropped at
/// random.
pub fn cluster_tasks(
    options: &DataOptions,
    observer: &mut dyn Observer,
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    let locations = Locations::new(options.data_dir.as_deref());
    cluster_tasks_from(&locations, &Downloader::default(), options, observer)
}

/// [`cluster_tasks`] of the data sets in `locations` instead of `--data-dir` and
/// the user's own.
pub fn cluster_tasks_from(
    locations: &Locations,
    downloader: &Downloader,
    options: &DataOptions,
    observer: &mut dyn Observer,
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    let (mut tasks, cifar) =
        cifar_tasks_from(&CIFAR_100, locations, downloader, options, observer)?;
    for task in &mut tasks {
        task.evaluation.retain(|(split, _)| split != "validation");
    }
    let (digits, mut mnist) =
        IdxDataset::digits(&MNIST).load(locations, downloader, options, observer)?;
    let digits = GrayImages::new(digits);
    // What is generated does not go by the name of what it stands in for.
    let (set, group) = match mnist.real {
        true => ("MNIST", MNIST.directory),
        false => ("digits", "generated digits"),
    };
    mnist.name += &options.note_of_limits(&digits.sizes());
    for class in 0..CLASSES {
        let name = format!("{set} without {class}");
        tasks.push(digits.task(class, name, group, options)?);
    }
    let (clothes, mut fashion) =
        IdxDataset::clothes(&FASHION_MNIST).load(locations, downloader, options, observer)?;
    let clothes = GrayImages::new(clothes);
    let (set, group) = match fashion.real {
        true => ("Fashion", FASHION_MNIST.directory),
        false => ("clothes", "generated clothes"),
    };
    fashion.name += &options.note_of_limits(&clothes.sizes());
    for class in 0..CLASSES {
        let name = format!("{set} without {}", CLOTHES[usize::from(class)]);
        tasks.push(clothes.task(class, name, group, options)?);
    }
    Ok((tasks, joined([cifar, mnist, fashion])))
}

/// One identity for all of the data; real if all of it is.
fn joined(parts: [DataIdentity; 3]) -> DataIdentity {
    DataIdentity {
        name: parts.each_ref().map(|part| part.name.as_str()).join(" + "),
        real: parts.iter().all(|part| part.real),
        files: parts.into_iter().flat_map(|part| part.files).collect(),
    }
}

/// A gray data set at the size of CIFAR-100, one plane an image.
struct GrayImages {
    train: Split,
    test: Split,
}

/// Images with their classes.
type Split = (Arc<dyn Inputs>, Vec<u16>);

impl GrayImages {
    fn new(set: TrainTest) -> Self {
        let [train, test] = [set.train, set.test].map(resized);
        Self { train, test }
    }

    /// Each split with the size of the whole of it, a little over that of a
    /// task.
    fn sizes(&self) -> [(&'static str, usize); 2] {
        [("train", self.train.1.len()), ("test", self.test.1.len())]
    }

    /// The task without class `left_out`.
    fn task(
        &self,
        left_out: u16,
        name: String,
        group: &str,
        options: &DataOptions,
    ) -> Result<Task, DataError> {
        let train = options.limited("train", without(left_out, &self.train)?);
        let test = options.limited("test", without(left_out, &self.test)?);
        Ok(Task::new(name, usize::from(CLASSES) - 1, train.clone())
            .group(group)
            .evaluated_on("train", train)
            .evaluated_on("test", test))
    }
}

fn resized(images: LabeledImages) -> Split {
    let pixels = bilinear(&images.pixels, idx_datasets::SIDE, cifar::SIDE);
    let resized = Images::new(1, cifar::SIDE, pixels)
        .repeated(PLANES)
        .cropped(cifar::PADDING);
    (Arc::new(resized), images.classes)
}

/// The images that are not of class `left_out`; larger classes move down by
/// one.
fn without(left_out: u16, (images, classes): &Split) -> Result<Examples, DataError> {
    let numbered = (0..).zip(classes);
    let others = numbered.filter(|&(_, &class)| class != left_out);
    let relabeled = others.map(|(row, &class)| (row, class - u16::from(class > left_out)));
    let (rows, classes): (Vec<u32>, Vec<u16>) = relabeled.unzip();
    Ok(Examples::of_rows(images.clone(), rows, classes)?)
}

#[cfg(test)]
mod tests;
