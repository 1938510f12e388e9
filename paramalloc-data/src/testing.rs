//! Helpers of the tests of several data sets.

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use paramalloc_core::data::{Examples, Targets, Task};
use png::{BitDepth, ColorType, Encoder};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::published::Locations;

/// A directory of data sets, and no other place to look.
pub(super) fn only(directory: &Path) -> Locations {
    Locations {
        data_dir: Some(directory.to_owned()),
        ..Locations::default()
    }
}

/// Nowhere to look, and nowhere to store a download.
pub(super) fn nowhere() -> Locations {
    Locations::default()
}

/// The classes of a set.
pub(super) fn classes(examples: &Examples) -> Vec<u16> {
    match examples.targets() {
        Targets::Classes(classes) => classes.to_vec(),
        Targets::Values(_) => panic!("values instead of classes"),
    }
}

/// An input as it is at evaluation.
pub(super) fn input(examples: &Examples, index: usize, len: usize) -> Vec<f32> {
    let mut input = vec![-1.0; len];
    examples.write_input(index, None, &mut input);
    input
}

/// True if both have the same inputs and targets, shared and not copied.
pub(super) fn same(a: &Examples, b: &Examples) -> bool {
    let rows = |examples: &Examples| -> Vec<usize> {
        (0..examples.len()).map(|i| examples.row(i)).collect()
    };
    Arc::ptr_eq(a.inputs(), b.inputs()) && rows(a) == rows(b) && a.targets() == b.targets()
}

/// A PNG file of 8 bits per value.
pub(super) fn png(width: u32, height: u32, color: ColorType, pixels: &[u8]) -> Vec<u8> {
    png_of_depth(width, height, (color, BitDepth::Eight), pixels)
}

/// A PNG file; values of 16 bits are big-endian.
pub(super) fn png_of_depth(
    width: u32,
    height: u32,
    (color, depth): (ColorType, BitDepth),
    pixels: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A `.npz` file of arrays: name, type, shape and entries.
pub(super) fn npz(arrays: &[(&str, &str, &[usize], &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, entry, shape, entries) in arrays {
        let shape: String = shape.iter().map(|size| format!("{size}, ")).collect();
        let header =
            format!("{{'descr': '{entry}', 'fortran_order': False, 'shape': ({shape}), }}\n");
        let start = [
            b"\x93NUMPY\x01\x00",
            &(header.len() as u16).to_le_bytes()[..],
        ]
        .concat();
        let file = format!("{name}.npy");
        archive
            .start_file(file, SimpleFileOptions::default())
            .unwrap();
        for part in [&start[..], header.as_bytes(), entries] {
            archive.write_all(part).unwrap();
        }
    }
    archive.finish().unwrap().into_inner()
}

/// Names of the splits with their sizes.
pub(super) fn splits(task: &Task) -> Vec<(&str, usize)> {
    let splits = task.evaluation.iter();
    splits
        .map(|(name, set)| (name.as_str(), set.len()))
        .collect()
}

/// Fails unless `message` is one line with all of `parts`.
#[track_caller]
pub(super) fn assert_says(message: &str, parts: &[&str]) {
    assert!(!message.contains('\n'), "{message}");
    for part in parts {
        assert!(message.contains(part), "no `{part}` in: {message}");
    }
}
