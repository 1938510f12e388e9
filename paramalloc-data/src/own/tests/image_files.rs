//! Images as cameras and scanners leave them.

use super::refused::{pets, refused};
use super::*;

#[test]
fn a_warning_names_images_that_are_nearly_black() {
    let said = |max: u16| {
        let directory = tempfile::tempdir().unwrap();
        let values: Vec<u8> = [0, max / 2, max, 1]
            .into_iter()
            .flat_map(u16::to_be_bytes)
            .collect();
        let image = png_of_depth(2, 2, (ColorType::Grayscale, BitDepth::Sixteen), &values);
        for path in ["a/1.png", "a/2.png", "b/1.png", "b/2.png"] {
            file(&directory, &format!("depth/{path}"), &image);
        }
        let mut said = Vec::new();
        let options = OwnOptions::new(Dims::image(1, 2, 2));
        let (tasks, _) = own_tasks(directory.path(), &options, &mut |line: &str| {
            said.push(line.to_owned())
        })
        .unwrap();
        let values = input(&tasks[0].train, 0, 4).into_iter();
        let bytes: Vec<u8> = values.map(|value| (value * 255.0).round() as u8).collect();
        (bytes, said)
    };
    let (bytes, told) = said(4095);
    assert_eq!(bytes, [0, 8, 16, 0]);
    assert_says(&told[1], &["warning", "depth go up to 4095 of 65535 only"]);
    let (bytes, told) = said(65_535);
    assert_eq!((bytes, told.len()), (vec![0, 127, 255, 0], 1));
}

/// Photos of a left half that is black, taken upright, turned by 180 degrees
/// and by 90.
#[test]
fn photos_are_turned_upright() {
    let directory = tempfile::tempdir().unwrap();
    let photos: [(&str, &[u8]); 3] = [
        (
            "a",
            include_bytes!("../../../tests/fixtures/orientation_1.jpg"),
        ),
        (
            "b",
            include_bytes!("../../../tests/fixtures/orientation_3.jpg"),
        ),
        (
            "c",
            include_bytes!("../../../tests/fixtures/orientation_6.jpg"),
        ),
    ];
    for (class, photo) in photos {
        file(&directory, &format!("task/train/{class}/1.jpg"), photo);
        file(&directory, &format!("task/test/{class}/1.jpg"), photo);
    }
    let (tasks, _) = tasks(&directory, &OwnOptions::new(Dims::image(1, 4, 4)));
    let bright = |input: &[f32]| -> Vec<bool> { input.iter().map(|&v| v > 0.5).collect() };
    let bright = [0, 1, 2].map(|index| bright(&input(&tasks[0].train, index, 16)));
    let rows = |row: [bool; 4]| [row; 4].concat();
    assert_eq!(bright[0], rows([false, false, true, true]));
    assert_eq!(bright[1], rows([true, true, false, false]));
    assert_eq!(bright[2], [[false; 8], [true; 8]].concat());
}

/// An image of 30,000 x 30,000 pixels in one bit each: 900 MB once decoded, and
/// refused by its header alone.
#[test]
fn images_that_are_too_large() {
    let directory = pets();
    let whole = png(1, 1, ColorType::Grayscale, &[0]);
    let mut header = whole[..33].to_vec();
    header[16..20].copy_from_slice(&30_000_u32.to_be_bytes());
    header[20..24].copy_from_slice(&30_000_u32.to_be_bytes());
    let checksum = crc32fast::hash(&header[12..29]);
    header[29..].copy_from_slice(&checksum.to_be_bytes());
    file(
        &directory,
        "pets/cat/8.png",
        &[&header, &whole[33..]].concat(),
    );
    let large = ["is too large: its pixels take 900000000 bytes, but may take 536870912"];
    refused(&directory, &color(), "pets/cat/8.png", &large);
}

/// As wide as a panorama that was never cut; the rows are resized one by one.
#[test]
fn images_of_one_long_row_are_read() {
    let directory = pets();
    let row = png(1_000_000, 1, ColorType::Grayscale, &[7; 1_000_000]);
    file(&directory, "pets/cat/8.png", &row);
    assert!(own_tasks(directory.path(), &color(), &mut |_: &str| {}).is_ok());
}
