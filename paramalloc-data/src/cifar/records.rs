//! The records of the binary version: coarse label, fine label, then 3 planes
//! of 32 x 32 bytes.

use super::shape::{COARSE, FINE, FINE_OF_EACH, PLANES, SIDE};
use crate::error::{ContentProblem, DataError};
use crate::files::LocalFile;

const IMAGE: usize = PLANES * SIDE * SIDE;
const RECORD: usize = 2 + IMAGE;

/// The images of one file.
pub(super) struct Records {
    /// All images, one after the other.
    pub pixels: Vec<u8>,
    /// Coarse class of each image.
    pub coarse: Vec<u8>,
    /// Fine class of each image.
    pub fine: Vec<u8>,
}

/// Reads a file of records. The images take the place of the file in memory.
pub(super) fn records(file: LocalFile) -> Result<Records, DataError> {
    let LocalFile {
        path, mut bytes, ..
    } = file;
    let refuse = |problem| Err(DataError::content(&path, problem));
    let count = bytes.len() / RECORD;
    if count == 0 {
        return refuse(ContentProblem::NoRecord { bytes: RECORD });
    }
    if !bytes.len().is_multiple_of(RECORD) {
        return refuse(ContentProblem::CutRecord {
            record: count,
            found: bytes.len() % RECORD,
            bytes: RECORD,
        });
    }
    let mut coarse = Vec::with_capacity(count);
    let mut fine = Vec::with_capacity(count);
    for record in 0..count {
        let start = record * RECORD;
        let labels = [bytes[start], bytes[start + 1]];
        for (label, classes) in labels.into_iter().zip([COARSE, FINE]) {
            if usize::from(label) >= classes {
                return Err(DataError::Label {
                    path,
                    index: record,
                    label,
                    classes: classes as u16,
                });
            }
        }
        coarse.push(labels[0]);
        fine.push(labels[1]);
        bytes.copy_within(start + 2..start + RECORD, record * IMAGE);
    }
    bytes.truncate(count * IMAGE);
    let mut coarse_of = [None; FINE];
    for (record, (&fine, &coarse)) in fine.iter().zip(&coarse).enumerate() {
        let known = *coarse_of[usize::from(fine)].get_or_insert(coarse);
        if known != coarse {
            return refuse(ContentProblem::TwoCoarseClasses {
                fine,
                record,
                coarse,
                before: known,
            });
        }
    }
    for class in 0..COARSE {
        let found = coarse_of
            .iter()
            .filter(|&&c| c == Some(class as u8))
            .count();
        if found != FINE_OF_EACH {
            return refuse(ContentProblem::FineClasses {
                coarse: class,
                found,
                expected: FINE_OF_EACH,
            });
        }
    }
    Ok(Records {
        pixels: bytes,
        coarse,
        fine,
    })
}
