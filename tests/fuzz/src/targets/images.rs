//! Image files.

use std::fs;
use std::path::Path;

use paramalloc_core::network::shape::Dims;
use paramalloc_data::NewInputs;

use crate::mutate::Parts;
use crate::pack;
use crate::target::{Target, Verdict, sentence};

/// Pixels may take 512 MiB; a decoder holds them once more in its own form.
const MEMORY: usize = 2 << 30;

fn read(bytes: &[u8], directory: &Path, channels: usize) -> Verdict {
    let path = directory.join("image.png");
    fs::write(&path, bytes).map_err(sentence)?;
    let inputs = NewInputs::open(&path, Dims::image(channels, 4, 4));
    let batch = inputs.and_then(|mut inputs| inputs.next(1));
    batch.map(drop).map_err(sentence)
}

/// PNG files.
pub struct Png;

const CHUNKS: [&[u8]; 5] = [b"IHDR", b"PLTE", b"eXIf", b"IDAT", b"IEND"];

impl Target for Png {
    fn name(&self) -> &'static str {
        "png"
    }

    fn memory(&self) -> usize {
        MEMORY
    }

    fn seeds(&self) -> Vec<Parts> {
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        let palette: Vec<u8> = (0..12).collect();
        // Bit depth, kind of color, interlaced, bytes of a row of 6 pixels.
        let kinds = [
            (8, 0, 0, 6),
            (8, 2, 0, 18),
            (16, 0, 0, 12),
            (1, 0, 0, 1),
            (2, 3, 0, 2),
            (8, 6, 0, 24),
            (16, 2, 0, 36),
            (8, 4, 0, 12),
        ];
        let mut seeds = Vec::new();
        for (depth, color, interlaced, row) in kinds {
            let header = [
                &[0, 0, 0, 6, 0, 0, 0, 5][..],
                &[depth, color, 0, 0, interlaced],
            ]
            .concat();
            let rows = (0..5_u8).map(|y| [vec![y], vec![17 * y + 1; row]].concat());
            let palette = if color == 3 {
                palette.clone()
            } else {
                Vec::new()
            };
            let pixels: Vec<u8> = rows.flatten().collect();
            seeds.push(vec![header, palette, exif.clone(), pixels, Vec::new()]);
        }
        let interlaced = vec![0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 1];
        seeds.push(vec![
            interlaced,
            Vec::new(),
            Vec::new(),
            vec![0, 9],
            Vec::new(),
        ]);
        seeds
    }

    fn pack(&self, parts: &Parts) -> Vec<u8> {
        let chunks = CHUNKS.iter().zip(parts);
        let is_there = |(name, content): &(&&[u8], &Vec<u8>)| {
            !content.is_empty() || matches!(**name, b"IDAT" | b"IEND")
        };
        let chunks = chunks.filter(is_there);
        let chunks: Vec<(&[u8], &[u8])> = chunks.map(|(n, c)| (*n, c.as_slice())).collect();
        pack::png(&chunks)
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        read(bytes, directory, 1)
    }
}

/// JPEG files.
pub struct Jpeg;

impl Target for Jpeg {
    fn name(&self) -> &'static str {
        "jpeg"
    }

    fn memory(&self) -> usize {
        MEMORY
    }

    fn seeds(&self) -> Vec<Parts> {
        let noise = include_bytes!("../../../../paramalloc-data/tests/fixtures/noise.jpg");
        let red = include_bytes!("../../../../paramalloc-data/tests/fixtures/red.jpeg");
        let turned = include_bytes!("../../../../paramalloc-data/tests/fixtures/orientation_6.jpg");
        let files = [&noise[..], &red[..], &turned[..]];
        files.map(segments).into()
    }

    fn read(&mut self, bytes: &[u8], directory: &Path) -> Verdict {
        read(bytes, directory, 3)
    }
}

/// A JPEG file in its segments, so that short ones are changed as often as long ones.
fn segments(file: &[u8]) -> Parts {
    let mut parts = vec![Vec::new()];
    for (at, &byte) in file.iter().enumerate() {
        let next = file.get(at + 1).copied().unwrap_or(0);
        if byte == 0xff && !matches!(next, 0x00 | 0xd0..=0xd7 | 0xff) {
            parts.push(Vec::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(byte);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
