//! A folder of images for each class.

use std::path::{Path, PathBuf};

use paramalloc_core::data::OwnedTargets;
use paramalloc_core::network::shape::Dims;
use sha2::{Digest, Sha256};

use super::entries;
use super::samples::{Inputs, Samples};
use crate::DataError;
use crate::formats::image_file::{Raster, decode};
use crate::source::{LocalFile, hex};
use crate::triangle::triangle;

/// Names of the class folders in `place`, in order.
pub(super) fn classes(place: &Path) -> Result<Vec<String>, DataError> {
    let (folders, files): (Vec<_>, Vec<_>) = entries(place)?
        .into_iter()
        .partition(|(_, path)| path.is_dir());
    let folders: Vec<String> = folders.into_iter().map(|(name, _)| name).collect();
    if let Some((file, _)) = files.first().filter(|_| !folders.is_empty()) {
        return Err(beside(place, file));
    }
    let problem = match folders.len() {
        0 => "holds no class folders; a task is a folder with a folder of images for each class",
        1 => "holds 1 class folder, but a task needs at least 2 classes",
        // Classes are numbered in 16 bits.
        65_536.. => "holds more than 65535 class folders",
        _ => return Ok(folders),
    };
    Err(DataError::content(place, problem))
}

fn beside(place: &Path, file: &str) -> DataError {
    let problem =
        format!("holds {file} beside its class folders; put it into one of them, or move it away");
    DataError::content(place, problem)
}

/// The images in the class folders of `place`, numbered as in `classes`, and
/// a SHA-256 of the names and contents of all files.
pub(super) fn read(
    place: &Path,
    classes: &[String],
    input: Dims,
) -> Result<(Samples, String), DataError> {
    if !input.is_image || ![1, 3].contains(&input.channels) {
        return Err(DataError::content(
            place,
            format!(
                "holds images, but the network takes {input}, which images of 1 or 3 channels cannot be made to; use .npz arrays"
            ),
        ));
    }
    let mut pixels = Vec::new();
    let mut labels = Vec::new();
    let mut sum = Sha256::new();
    let mut max_of_16_bits = None;
    for (name, path) in entries(place)? {
        let Ok(class) = classes.binary_search(&name) else {
            if path.is_dir() {
                return Err(DataError::content(
                    path,
                    "is a class that the training images do not have",
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
            return Err(DataError::content(
                path,
                "holds no images; add PNG or JPEG files, or remove the folder",
            ));
        }
    }
    if labels.is_empty() {
        return Err(DataError::content(place, "holds no class folders"));
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

/// The images in the folder of a class. All that is something else is named at
/// once, and not passed over: it may be an image that was forgotten.
fn images(class: &Path) -> Result<Vec<(String, PathBuf)>, DataError> {
    let is_image = |path: &PathBuf| {
        let extension = path.extension().unwrap_or_default();
        let mut known = ["png", "jpg", "jpeg"].iter();
        path.is_file() && known.any(|known| extension.eq_ignore_ascii_case(known))
    };
    let (images, others): (Vec<_>, Vec<_>) = entries(class)?
        .into_iter()
        .partition(|(_, path)| is_image(path));
    let names: Vec<_> = others.into_iter().map(|(name, _)| name).collect();
    let problem = match &names[..] {
        [] => return Ok(images),
        [first] => format!("holds {first}, which is no .png, .jpg or .jpeg file; move it away"),
        [first, rest @ ..] => format!(
            "holds {first} and {} more entries that are no .png, .jpg or .jpeg files; move them away",
            rest.len()
        ),
    };
    Err(DataError::content(class, problem))
}

/// Adds an image, upright, plane by plane at the size of the input.
fn append(image: Raster, input: Dims, pixels: &mut Vec<u8>) {
    // Gray first: it is what the eye sees of the full image.
    let image = match input.channels {
        1 => image.into_gray(),
        _ => image,
    };
    let upright = [input.height, input.width];
    let mut size = upright;
    if image.orientation.swaps() {
        size.reverse();
    }
    let from = [image.height, image.width];
    let resized = triangle(&image.pixels, image.channels, from, size);
    for channel in 0..input.channels {
        // A gray image has equal colors.
        let channel = channel.min(image.channels - 1);
        for row in 0..upright[0] {
            pixels.extend((0..upright[1]).map(|column| {
                let [row, column] = image.orientation.source([row, column], size);
                resized[(row * size[1] + column) * image.channels + channel]
            }));
        }
    }
}
