//! A folder of images for each class.

use std::path::{Path, PathBuf};

use image::DynamicImage;
use image::imageops::FilterType;
use paramalloc_core::data::OwnedTargets;
use paramalloc_core::network::shape::Dims;
use sha2::{Digest, Sha256};

use super::entries;
use super::samples::{Inputs, Samples};
use crate::DataError;
use crate::source::{LocalFile, hex};

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
            let broken = |problem: &dyn ToString| {
                DataError::broken(&path, "PNG or JPEG", problem.to_string())
            };
            let image = image::load_from_memory(&bytes).map_err(|e| broken(&e))?;
            if is_cut_jpeg(&bytes) {
                return Err(broken(&"its end is missing"));
            }
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

/// True for a JPEG without its end, which the decoder fills with gray. Inside
/// the image data no marker can stand, so an end after the last start of such
/// data is that of the image, not of a thumbnail in its header.
fn is_cut_jpeg(bytes: &[u8]) -> bool {
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|pair| pair == marker);
    bytes.starts_with(&[0xff, 0xd8]) && last([0xff, 0xd9]) < last([0xff, 0xda])
}

/// Adds an image plane by plane at the size of the input.
fn append(image: DynamicImage, input: Dims, pixels: &mut Vec<u8>) {
    // The colours first: a resized transparent image would mix in what lies
    // hidden.
    let image = match input.channels {
        1 => DynamicImage::ImageLuma8(image.into_luma8()),
        _ => DynamicImage::ImageRgb8(image.into_rgb8()),
    };
    let size = (input.width as u32, input.height as u32);
    let image = if (image.width(), image.height()) == size {
        image
    } else {
        image.resize_exact(size.0, size.1, FilterType::Triangle)
    };
    let bytes = image.as_bytes();
    for channel in 0..input.channels {
        pixels.extend(bytes.iter().skip(channel).step_by(input.channels));
    }
}
