//! The idx format of MNIST and Fashion-MNIST, gzipped or not: a big-endian
//! header (magic number, then the size of each dimension) and one byte per entry.

use std::io::{self, Read};
use std::path::Path;

use crate::images::LabeledImages;
use flate2::bufread::GzDecoder;

use crate::error::DataError;
use crate::files::LocalFile;

/// The most bytes that the content of a file may take.
const MAX_BYTES: u64 = 1 << 30;

/// What every gzip file starts with.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// What the images and labels of a data set must look like.
#[derive(Clone, Copy, Debug)]
pub struct IdxShape {
    /// Rows of an image.
    pub rows: usize,
    /// Columns of an image.
    pub columns: usize,
    /// Classes; labels go from 0 to `classes - 1`.
    pub classes: u16,
}

/// Reads a pair of idx files, images and their labels, gzipped or not.
///
/// # Errors
/// If one is not such a file, is not whole, announces more than 1 GiB, or they do
/// not fit `shape` and each other.
pub fn labelled_images(
    images: &LocalFile,
    labels: &LocalFile,
    shape: IdxShape,
) -> Result<LabeledImages, DataError> {
    let images_read = read(images, &IMAGES)?;
    let labels_read = read(labels, &LABELS)?;
    let found = (images_read.sizes[1], images_read.sizes[2]);
    let expected = (shape.rows, shape.columns);
    if found != expected {
        return Err(DataError::ImageSize {
            path: images.path.clone(),
            expected,
            found,
        });
    }
    if images_read.sizes[0] != labels_read.sizes[0] {
        return Err(DataError::Counts {
            images_path: images.path.clone(),
            images: images_read.sizes[0],
            labels_path: labels.path.clone(),
            labels: labels_read.sizes[0],
        });
    }
    Ok(LabeledImages {
        image_len: shape.rows * shape.columns,
        pixels: images_read.bytes,
        classes: classes(&labels_read.bytes, &labels.path, shape.classes)?,
    })
}

/// Labels as classes, each below `classes`.
fn classes(labels: &[u8], path: &Path, classes: u16) -> Result<Vec<u16>, DataError> {
    let as_class = |(index, &label): (usize, &u8)| {
        let class = u16::from(label);
        (class < classes).then_some(class).ok_or(DataError::Label {
            path: path.to_owned(),
            index,
            label,
            classes,
        })
    };
    labels.iter().enumerate().map(as_class).collect()
}

/// A kind of idx file.
struct Kind {
    /// Two zero bytes, 8 for unsigned bytes, the number of dimensions.
    magic: u32,
    dimensions: usize,
    item: &'static str,
    content: &'static str,
}

const IMAGES: Kind = Kind {
    magic: 0x0803,
    dimensions: 3,
    item: "image",
    content: "images",
};

const LABELS: Kind = Kind {
    magic: 0x0801,
    dimensions: 1,
    item: "label",
    content: "labels",
};

struct Idx {
    /// Size of each dimension, the number of items first.
    sizes: Vec<usize>,
    bytes: Vec<u8>,
}

fn read(file: &LocalFile, kind: &Kind) -> Result<Idx, DataError> {
    let path = &file.path;
    let mut decoder = match is_raw(file) {
        true => Content::Raw(&file.bytes),
        false => Content::Gzip(GzDecoder::new(file.bytes.as_slice())),
    };
    let header_len = 4 + 4 * kind.dimensions as u64;
    let header = read_up_to(&mut decoder, header_len, path)?;
    let words: Vec<u32> = header
        .as_chunks::<4>()
        .0
        .iter()
        .map(|&word| u32::from_be_bytes(word))
        .collect();
    if let Some(&found) = words.first()
        && found != kind.magic
    {
        return Err(DataError::Magic {
            path: path.clone(),
            content: kind.content,
            expected: kind.magic,
            found,
        });
    }
    let short = |expected, found| DataError::Short {
        path: path.clone(),
        expected,
        found,
    };
    if (header.len() as u64) < header_len {
        return Err(short(header_len, header.len() as u64));
    }
    let sizes: Vec<usize> = words[1..].iter().map(|&size| size as usize).collect();
    if sizes[0] == 0 {
        return Err(DataError::Empty {
            path: path.clone(),
            content: kind.content,
        });
    }
    // Three sizes of 32 bits can overflow, but not in a file that exists.
    let expected = words[1..]
        .iter()
        .fold(1, |product: u64, &size| product.saturating_mul(size.into()));
    if expected > MAX_BYTES {
        return Err(DataError::TooLarge {
            path: path.clone(),
            content: kind.content,
            bytes: expected,
            limit: MAX_BYTES,
        });
    }
    // One byte more than announced: to see trailing bytes, and to reach the
    // checksum at the end of the gzip stream.
    let mut bytes = read_up_to(&mut decoder, expected.saturating_add(1), path)?;
    let found = bytes.len() as u64;
    if found < expected {
        return Err(short(
            expected.saturating_add(header_len),
            found + header_len,
        ));
    }
    let trailing = |item| DataError::TrailingBytes {
        path: path.clone(),
        item,
    };
    if found > expected {
        return Err(trailing(kind.item));
    }
    if !decoder.rest().is_empty() {
        return Err(trailing("gzip block"));
    }
    bytes.shrink_to_fit();
    Ok(Idx { sizes, bytes })
}

/// True for a file that is not gzipped, whatever its name says.
fn is_raw(file: &LocalFile) -> bool {
    let is_named_gzip = file
        .path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("gz"));
    let is_gzip = file.bytes.starts_with(GZIP);
    !is_gzip && (!is_named_gzip || file.bytes.starts_with(&[0, 0]))
}

/// The content of a file, unpacked as it is read.
enum Content<'a> {
    Raw(&'a [u8]),
    /// Blocks one behind the other are one content.
    Gzip(GzDecoder<&'a [u8]>),
}

impl Content<'_> {
    /// What is not read yet.
    fn rest(&self) -> &[u8] {
        match self {
            Self::Raw(rest) => rest,
            Self::Gzip(decoder) => decoder.get_ref(),
        }
    }
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let decoder = match self {
                Self::Raw(rest) => return rest.read(buffer),
                Self::Gzip(decoder) => decoder,
            };
            let len = decoder.read(buffer)?;
            let rest = *decoder.get_ref();
            if len > 0 || buffer.is_empty() || !rest.starts_with(GZIP) {
                return Ok(len);
            }
            *decoder = GzDecoder::new(rest);
        }
    }
}

/// Reads `limit` bytes, or fewer where the content ends before.
fn read_up_to(decoder: impl Read, limit: u64, path: &Path) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    let read: io::Result<usize> = decoder.take(limit).read_to_end(&mut bytes);
    read.map_err(|source| DataError::Gzip {
        path: path.to_owned(),
        source,
    })?;
    Ok(bytes)
}
