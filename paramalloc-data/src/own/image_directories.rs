//! A directory of images for each class.

use std::path::{Path, PathBuf};

use paramalloc_core::data::OwnedTargets;
use paramalloc_core::network::shape::Dims;
use sha2::{Digest, Sha256};

use super::samples::{Inputs, Samples};
use crate::error::{ContentProblem, DataError, FileKind};
use crate::files::{LocalFile, checked_kind, entries, hex};
use crate::formats::image_file::decode;
use crate::image_input::append;

/// Names of the class directories in `place`, in order.
pub(super) fn classes(place: &Path) -> Result<Vec<String>, DataError> {
    let (directories, files): (Vec<_>, Vec<_>) = entries(place)?
        .into_iter()
        .partition(|(_, path)| path.is_dir());
    let directories: Vec<String> = directories.into_iter().map(|(name, _)| name).collect();
    for (_, path) in &files {
        refuse_special(path)?;
    }
    if let Some((file, _)) = files.first().filter(|_| !directories.is_empty()) {
        return Err(beside(place, file));
    }
    let problem = match directories.len() {
        0 => ContentProblem::NoClassDirectories,
        1 => ContentProblem::OneClassDirectory,
        // Classes are numbered in 16 bits.
        found @ 65_536.. => ContentProblem::TooManyClasses { found },
        _ => return Ok(directories),
    };
    Err(DataError::content(place, problem))
}

fn beside(place: &Path, file: &str) -> DataError {
    let name = file.to_owned();
    DataError::content(place, ContentProblem::BesideClasses { name })
}

/// The images in the class directories of `place`, numbered as in `classes`, and
/// a SHA-256 of the names and contents of all files.
pub(super) fn read(
    place: &Path,
    classes: &[String],
    input: Dims,
) -> Result<(Samples, String), DataError> {
    if !input.is_image || ![1, 3].contains(&input.channels) {
        return Err(DataError::content(
            place,
            ContentProblem::NoImageInput { input },
        ));
    }
    let mut pixels = Vec::new();
    let mut labels = Vec::new();
    let mut sum = Sha256::new();
    let mut max_of_16_bits = None;
    for (name, path) in entries(place)? {
        let Ok(class) = classes.binary_search(&name) else {
            refuse_special(&path)?;
            if path.is_dir() {
                let lower = name.to_lowercase();
                let similar = classes
                    .iter()
                    .find(|class| class.to_lowercase() == lower)
                    .cloned();
                return Err(DataError::content(
                    path,
                    ContentProblem::UnknownClass { similar },
                ));
            }
            return Err(beside(place, &name));
        };
        let before = labels.len();
        for (file, path) in images(&path)? {
            let LocalFile { bytes, path, .. } = LocalFile::read(path)?;
            for part in [format!("{name}/{file}").as_bytes(), &bytes] {
                sum.update((part.len() as u64).to_le_bytes());
                sum.update(part);
            }
            let image = decode(&bytes, &path)?;
            max_of_16_bits = max_of_16_bits.max(image.max_of_16_bits);
            append(image, input, &mut pixels);
            labels.push(class as u16);
        }
        if labels.len() == before {
            return Err(DataError::content(path, ContentProblem::NoImages));
        }
    }
    if labels.is_empty() {
        return Err(DataError::content(
            place,
            ContentProblem::NoClassDirectories,
        ));
    }
    let samples = Samples {
        count: labels.len(),
        inputs: Inputs::Bytes(pixels),
        targets: OwnedTargets::Classes(labels),
        outputs: classes.len(),
        class_names: classes.to_owned(),
        max_of_16_bits,
    };
    Ok((samples, hex(&sum.finalize())))
}

/// Refuses what is neither a file nor a directory, a link to nothing for example.
pub(super) fn refuse_special(path: &Path) -> Result<(), DataError> {
    match checked_kind(path)? {
        None | Some(FileKind::Directory) => Ok(()),
        Some(kind) => Err(DataError::NotAFile {
            path: path.to_owned(),
            kind,
        }),
    }
}

/// The images in the directory of a class. All that is something else is named at
/// once, and not passed over: it may be an image that was forgotten.
pub(super) fn images(class: &Path) -> Result<Vec<(String, PathBuf)>, DataError> {
    let is_image = |path: &PathBuf| {
        let extension = path.extension().unwrap_or_default();
        let mut known = ["png", "jpg", "jpeg"].iter();
        path.is_file() && known.any(|known| extension.eq_ignore_ascii_case(known))
    };
    let (images, others): (Vec<_>, Vec<_>) = entries(class)?
        .into_iter()
        .partition(|(_, path)| is_image(path));
    for (_, path) in &others {
        refuse_special(path)?;
    }
    let mut names = others.into_iter().map(|(name, _)| name);
    match names.next() {
        None => Ok(images),
        Some(name) => {
            let others = names.count();
            let problem = ContentProblem::NotImages { name, others };
            Err(DataError::content(class, problem))
        }
    }
}
