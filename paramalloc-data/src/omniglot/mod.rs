//! Omniglot: characters of many alphabets, each drawn once by 20 people. One
//! task per alphabet, which tells its characters apart.

mod alphabets;
mod drawings;
mod files;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use paramalloc_core::data::{Examples, Inputs, Task};
use paramalloc_core::summary::DataIdentity;
use serde::{Deserialize, Serialize};

use crate::error::{DataError, OptionRange};
use crate::generated::{DRAWINGS, generated_characters};
use crate::images::Images;
use crate::observer::Observer;
use crate::options::DataOptions;
use crate::published::{self, Downloader, Loaded, Locations, PublishedDataset, PublishedFile};
use crate::resize::area_average;
use crate::split;
use crate::substitute::real_or_generated;
pub use alphabets::{ALPHABETS, Alphabet, PARTS};
use drawings::{AREA, Drawings, SIDE};
use files::{directories, zips};

/// Omniglot as published by B. Lake.
pub const OMNIGLOT: PublishedDataset = PublishedDataset {
    name: "Omniglot",
    directory: "omniglot",
    files: &[
        PublishedFile {
            name: "images_background.zip",
            bytes: 9_464_212,
            sha256: "ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640",
            unpacked_sha256: None,
        },
        PublishedFile {
            name: "images_evaluation.zip",
            bytes: 6_462_886,
            sha256: "1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee",
            unpacked_sha256: None,
        },
    ],
    mirrors: &[
        "https://github.com/brendenlake/omniglot/raw/master/python/",
        "https://raw.githubusercontent.com/brendenlake/omniglot/master/python/",
    ],
};

/// The splits of the 20 drawings of each character.
const SPLITS: [(&str, Range<usize>); 3] =
    [("train", 0..10), ("validation", 10..14), ("test", 14..20)];

/// How much of Omniglot to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OmniglotOptions {
    /// The first so many of [`ALPHABETS`], 1 to 50.
    pub alphabets: usize,
    /// Rows, and columns, of an image, 1 to 105. A smaller image has the mean
    /// ink of the area that each of its pixels covers.
    pub image_size: usize,
}

impl Default for OmniglotOptions {
    fn default() -> Self {
        Self {
            alphabets: 20,
            image_size: SIDE,
        }
    }
}

impl OmniglotOptions {
    /// Takes the first `alphabets` of [`ALPHABETS`], 1 to 50.
    #[must_use]
    pub fn alphabets(mut self, alphabets: usize) -> Self {
        self.alphabets = alphabets;
        self
    }

    /// Makes images of `size` rows and columns, 1 to 105.
    #[must_use]
    pub fn image_size(mut self, size: usize) -> Self {
        self.image_size = size;
        self
    }

    /// Refuses what is out of its range.
    pub(super) fn check(&self) -> Result<(), DataError> {
        let range = |high: usize| OptionRange::Within(1.0, high as f64);
        let alphabets = range(ALPHABETS.len());
        DataError::check_option("number of alphabets", self.alphabets as f64, alphabets)?;
        DataError::check_option("image size", self.image_size as f64, range(SIDE))
    }
}

/// One task per alphabet, its characters the classes in order of their
/// directories, and which data they are made from. `observer` gets messages for the user.
///
/// Inputs are 1 x size x size with ink 1 and paper 0. Of the drawings of each
/// character 10 are in `train`, 4 in `validation` and 6 in `test`, chosen at
/// random but alike in every run. Each split has one drawing of every
/// character before it has a second, so a limit keeps all classes.
pub fn omniglot_tasks(
    options: &DataOptions,
    omniglot: &OmniglotOptions,
    observer: &mut dyn Observer,
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    let locations = Locations::new(options.data_dir.as_deref());
    omniglot_tasks_from(
        &OMNIGLOT,
        &locations,
        &Downloader::default(),
        options,
        omniglot,
        observer,
    )
}

/// [`omniglot_tasks`] of any data set with the files of Omniglot, looked for
/// in `locations` instead of `--data-dir` and the user's own.
pub fn omniglot_tasks_from(
    dataset: &PublishedDataset,
    locations: &Locations,
    downloader: &Downloader,
    options: &DataOptions,
    omniglot: &OmniglotOptions,
    observer: &mut dyn Observer,
) -> Result<(Vec<Task>, DataIdentity), DataError> {
    let OmniglotOptions {
        alphabets,
        image_size,
    } = *omniglot;
    omniglot.check()?;
    let table = &ALPHABETS[..alphabets];
    let (drawings, mut identity) = real_or_generated(
        dataset,
        "alphabets",
        options,
        observer,
        |observer| load(dataset, locations, downloader, table, observer),
        || generated(table),
    )?;
    let largest = table.iter().map(|a| a.characters).max().unwrap_or(0);
    let sizes = SPLITS.map(|(split, part)| (split, part.len() * largest));
    identity.name += &options.note_of_limits(&sizes);
    if image_size < SIDE {
        identity.name += &format!(" at {image_size} x {image_size}");
    }
    let names = table.iter().enumerate().map(|(number, alphabet)| {
        if identity.real {
            alphabet.name.replace('_', " ")
        } else {
            format!("generated alphabet {}", number + 1)
        }
    });
    let tasks = names
        .zip(drawings)
        .enumerate()
        .map(|(number, (name, drawings))| task(number, name, drawings, image_size, options))
        .collect::<Result<_, _>>()?;
    Ok((tasks, identity))
}

/// The drawings of each alphabet of `table`.
fn load(
    dataset: &PublishedDataset,
    locations: &Locations,
    downloader: &Downloader,
    table: &[Alphabet],
    observer: &mut dyn Observer,
) -> Result<Loaded<Vec<Drawings>>, DataError> {
    let (directory, files) =
        match locations.find(dataset, |directory| form(dataset, directory), observer)? {
            Some((directory, Form::Unpacked)) => (directory, None),
            Some((directory, Form::Zips)) => {
                let files = published::read_all(dataset, &directory)?;
                (directory, Some(files))
            }
            None => {
                let (directory, files) =
                    published::read_cache(dataset, locations, downloader, observer)?;
                (directory, Some(files))
            }
        };
    let loaded = match &files {
        Some(files) => zips(files, table)?,
        None => directories(&directory, table)?,
    };
    observer.message(&format!("{} from {}", dataset.name, directory.display()));
    if let Some(files) = &files {
        published::warn_of_unpublished(dataset, files, observer);
    }
    let sums = loaded.sums.into_iter();
    Ok(Loaded {
        content: loaded.content,
        sums: sums
            .map(|(part, sum)| (format!("{}/{part}", dataset.directory), sum))
            .collect(),
    })
}

/// How a user's directory holds the data set.
#[derive(Clone, Copy)]
enum Form {
    Zips,
    Unpacked,
}

fn form(dataset: &PublishedDataset, directory: &Path) -> Option<Form> {
    if published::any_of(dataset, directory).is_some() {
        return Some(Form::Zips);
    }
    let mut parts = PARTS.iter().map(|part| directory.join(part));
    parts.any(|part| part.is_dir()).then_some(Form::Unpacked)
}

/// Generated alphabets of the same sizes.
fn generated(table: &[Alphabet]) -> Vec<Drawings> {
    let numbered = table.iter().enumerate();
    numbered
        .map(|(number, alphabet)| {
            let ink = generated_characters(number as u64, alphabet.characters);
            let mut drawings = Drawings::default();
            for drawing in ink.chunks(AREA) {
                drawings.push(drawing);
            }
            drawings
        })
        .collect()
}

fn task(
    number: usize,
    name: String,
    drawings: Drawings,
    image_size: usize,
    options: &DataOptions,
) -> Result<Task, DataError> {
    let characters = drawings.len() / DRAWINGS;
    let orders: Vec<Vec<u32>> = (0..characters)
        .map(|character| split::shuffled(number as u64, character as u64, DRAWINGS))
        .collect();
    let images = at_size(drawings, image_size);
    let examples = |(split, part): (&str, Range<usize>)| -> Result<Examples, DataError> {
        let mut chosen = Vec::new();
        let mut classes = Vec::new();
        for place in part {
            for (character, order) in orders.iter().enumerate() {
                chosen.push((character * DRAWINGS) as u32 + order[place]);
                classes.push(character as u16);
            }
        }
        let all = Examples::of_rows(images.clone(), chosen, classes)?;
        Ok(options.limited(split, all))
    };
    let [train, validation, test] = SPLITS.map(examples);
    let train = train?;
    Ok(Task::new(name, characters, train.clone())
        .evaluated_on("train", train)
        .evaluated_on("validation", validation?)
        .evaluated_on("test", test?))
}

/// The drawings of an alphabet in the size asked for: one bit per pixel as
/// they are, one byte per pixel if they are made smaller.
fn at_size(drawings: Drawings, image_size: usize) -> Arc<dyn Inputs> {
    if image_size == SIDE {
        return Arc::new(drawings);
    }
    let mut pixels = Vec::with_capacity(drawings.len() * image_size * image_size);
    for index in 0..drawings.len() {
        let ink: Vec<u8> = drawings.ink(index).map(|ink| 255 * u8::from(ink)).collect();
        pixels.extend(area_average(&ink, SIDE, image_size));
    }
    Arc::new(Images::new(1, image_size, pixels))
}

#[cfg(test)]
mod tests;
