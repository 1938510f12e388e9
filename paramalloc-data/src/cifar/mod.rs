//! CIFAR-100: small color images of 100 fine classes, which are grouped into
//! 20 coarse ones of 5. One task per coarse class, which tells its fine
//! classes apart.

mod archive;
mod class_names;
mod records;
mod shape;

use std::sync::Arc;

use paramalloc_core::data::{Examples, Inputs, Task};
use paramalloc_core::summary::DataIdentity;

use crate::error::DataError;
use crate::generated::{TEXTURE_CLASSES, TEXTURE_SIDE, generated_textures};
use crate::images::Images;
use crate::observer::Observer;
use crate::options::DataOptions;
use crate::published::{self, Downloader, Loaded, Locations, PublishedDataset, PublishedFile};
use crate::split;
use crate::substitute::real_or_generated;
use archive::{Layout, unpack};
pub use class_names::COARSE_NAMES;
use records::{Records, records};
pub(crate) use shape::SIDE;
use shape::{COARSE, FINE, FINE_OF_EACH, PLANES};

/// CIFAR-100, binary version, as published by A. Krizhevsky.
pub const CIFAR_100: PublishedDataset = PublishedDataset {
    name: "CIFAR-100",
    directory: "cifar-100",
    files: &[PublishedFile {
        name: "cifar-100-binary.tar.gz",
        bytes: 168_513_733,
        sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        unpacked_sha256: None,
    }],
    mirrors: &["https://www.cs.toronto.edu/~kriz/"],
};

/// Zeros around a training image before a part is cut out.
pub(super) const PADDING: usize = 4;

/// Of so many training images of a fine class one goes to validation.
const VALIDATION_ONE_IN: usize = 5;

/// Sizes and seeds of the generated sets, per fine class.
const GENERATED: [(usize, u64); 2] = [(200, 1), (40, 2)];

/// One task per coarse class, named after it, each evaluated on `train`,
/// `validation` and `test`, and which data they are made from. `observer` gets
/// lines for the user.
///
/// Inputs are 3 x 32 x 32 with values 0 to 1: the red, green and blue planes.
/// Classes are the 5 fine classes in order of their labels. Of the training
/// images of each fine class a fifth is in `validation`, chosen at random but
/// alike in every run. In training an image is padded with 4 zeros on each
/// side and 32 x 32 pixels are cut out at random.
pub fn cifar_tasks(
    options: &DataOptions,
    observer: &mut dyn Observer,
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    let locations = Locations::new(options.data_dir.as_deref());
    cifar_tasks_from(
        &CIFAR_100,
        &locations,
        &Downloader::default(),
        options,
        observer,
    )
}

/// [`cifar_tasks`] of any data set with the files of CIFAR-100, looked for in
/// `locations` instead of `--data-dir` and the user's own.
pub fn cifar_tasks_from(
    dataset: &PublishedDataset,
    locations: &Locations,
    downloader: &Downloader,
    options: &DataOptions,
    observer: &mut dyn Observer,
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    let (splits, mut identity) = real_or_generated(
        dataset,
        "textures",
        options,
        observer,
        |observer| load(dataset, locations, downloader, observer),
        generated,
    )?;
    let parts = Parts::new(splits);
    let group = match identity.real {
        true => CIFAR_100.directory,
        false => "generated textures",
    };
    identity.name += &options.note_of_limits(&parts.largest());
    let tasks = (0..COARSE)
        .map(|coarse| {
            let name = if identity.real {
                COARSE_NAMES[coarse].replace('_', " ")
            } else {
                format!("textures {}", coarse + 1)
            };
            parts.task(coarse, name, group, options)
        })
        .collect::<Result<_, _>>()?;
    Ok((tasks, identity))
}

/// Images to train on and to test on.
struct Splits {
    train: Records,
    test: Records,
}

fn load(
    dataset: &PublishedDataset,
    locations: &Locations,
    downloader: &Downloader,
    observer: &mut dyn Observer,
) -> Result<Loaded<Splits>, DataError> {
    let (directory, layout) = match locations.find(dataset, Layout::find, observer)? {
        Some(found) => found,
        None => {
            let (directory, _) = published::read_cache(dataset, locations, downloader, observer)?;
            (directory, Layout::Gzip)
        }
    };
    if layout == Layout::Xz {
        // The one layout that takes a while.
        observer.message(&format!(
            "unpacking cifar-100-binary.tar.xz in {} (some seconds; unpack it there to save them)",
            directory.display()
        ));
    }
    let files = unpack(dataset, &directory, layout)?;
    let sums = files.iter().map(|file| {
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        (format!("{}/{name}", dataset.directory), file.sha256.clone())
    });
    let sums = sums.collect();
    archive::warn_of_unpublished(dataset, &files, observer);
    let [train, test] = files.map(records);
    let content = Splits {
        train: train?,
        test: test?,
    };
    observer.message(&format!("{} from {}", dataset.name, directory.display()));
    Ok(Loaded { content, sums })
}

/// Generated textures, grouped alike.
fn generated() -> Splits {
    debug_assert_eq!(
        (TEXTURE_SIDE, TEXTURE_CLASSES),
        (SIDE, [COARSE, FINE_OF_EACH])
    );
    let [train, test] = GENERATED.map(|(per_class, seed)| {
        let fine: Vec<u8> = (0..per_class * FINE).map(|i| (i % FINE) as u8).collect();
        Records {
            pixels: generated_textures(per_class, seed),
            coarse: fine.iter().map(|fine| fine / FINE_OF_EACH as u8).collect(),
            fine,
        }
    });
    Splits { train, test }
}

/// The images of both files, and which of them are in which split of which
/// coarse class.
struct Parts {
    train: Arc<dyn Inputs>,
    test: Arc<dyn Inputs>,
    /// `[train, validation, test]` by coarse class, in the order of the files.
    chosen: Vec<[Chosen; 3]>,
}

/// Numbers of images with their classes.
#[derive(Clone, Default)]
struct Chosen {
    numbers: Vec<u32>,
    classes: Vec<u16>,
}

const SPLITS: [&str; 3] = ["train", "validation", "test"];

impl Parts {
    fn new(splits: Splits) -> Self {
        let ranks = ranks(&splits.train);
        let held_out = held_out(&splits.train.fine);
        let mut chosen = vec![<[Chosen; 3]>::default(); COARSE];
        let mut choose = |split: usize, records: &Records, number: usize| {
            let part = &mut chosen[usize::from(records.coarse[number])][split];
            part.numbers.push(number as u32);
            part.classes.push(ranks[usize::from(records.fine[number])]);
        };
        for (number, &held_out) in held_out.iter().enumerate() {
            choose(usize::from(held_out), &splits.train, number);
        }
        for number in 0..splits.test.fine.len() {
            choose(2, &splits.test, number);
        }
        let [train, test] = [splits.train, splits.test].map(|records| -> Arc<dyn Inputs> {
            Arc::new(Images::new(PLANES, SIDE, records.pixels).cropped(PADDING))
        });
        Self {
            train,
            test,
            chosen,
        }
    }

    /// Each split with its size in the largest task.
    fn largest(&self) -> [(&'static str, usize); 3] {
        [0, 1, 2].map(|split| {
            let sizes = self.chosen.iter().map(|task| task[split].numbers.len());
            (SPLITS[split], sizes.max().unwrap_or(0))
        })
    }

    fn task(
        &self,
        coarse: usize,
        name: String,
        group: &str,
        options: &DataOptions,
    ) -> Result<Task, DataError> {
        let images = [&self.train, &self.train, &self.test];
        let examples = |split: usize| -> Result<Examples, DataError> {
            let Chosen { numbers, classes } = self.chosen[coarse][split].clone();
            let all = Examples::of_rows(images[split].clone(), numbers, classes)?;
            Ok(options.limited(SPLITS[split], all))
        };
        let train = examples(0)?;
        Ok(Task::new(name, FINE_OF_EACH, train.clone())
            .group(group)
            .evaluated_on(SPLITS[0], train)
            .evaluated_on(SPLITS[1], examples(1)?)
            .evaluated_on(SPLITS[2], examples(2)?))
    }
}

/// The place of each fine class among those of its coarse class.
fn ranks(records: &Records) -> Vec<u16> {
    let mut coarse_of = [None; FINE];
    for (&fine, &coarse) in records.fine.iter().zip(&records.coarse) {
        coarse_of[usize::from(fine)] = Some(coarse);
    }
    let rank = |fine: usize| {
        let earlier = coarse_of[..fine].iter();
        earlier.filter(|&&coarse| coarse == coarse_of[fine]).count() as u16
    };
    (0..FINE).map(rank).collect()
}

/// For each training image, if it goes to validation.
fn held_out(fine: &[u8]) -> Vec<bool> {
    let mut numbers = vec![Vec::new(); FINE];
    for (number, &fine) in fine.iter().enumerate() {
        numbers[usize::from(fine)].push(number);
    }
    let mut held_out = vec![false; fine.len()];
    for (class, numbers) in numbers.iter().enumerate() {
        let order = split::shuffled(split::CIFAR, class as u64, numbers.len());
        for &place in &order[..numbers.len() / VALIDATION_ONE_IN] {
            held_out[numbers[place as usize]] = true;
        }
    }
    held_out
}

#[cfg(test)]
pub(super) mod tests;
