//! Containers around parts, with the checksums that readers verify.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A zip archive of files with their names. A name that an archive cannot have is
/// left out with its file.
pub fn zip(files: &[(String, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_level(Some(1));
        if archive.start_file(name.as_str(), options).is_ok() {
            archive.write_all(bytes).expect("memory takes all");
        }
    }
    let archive = archive.finish().expect("memory takes all");
    archive.into_inner()
}

/// A `.npy` file: the header in a part, the entries in the next.
pub fn npy(header: &[u8], entries: &[u8]) -> Vec<u8> {
    let len = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &len[..], header, entries].concat()
}

/// The header of a `.npy` file.
pub fn npy_header(entry: &str, shape: &str) -> Vec<u8> {
    format!("{{'descr': '{entry}', 'fortran_order': False, 'shape': ({shape}), }}\n").into_bytes()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

/// A PNG file of chunks with their names: the pixels, which are compressed here, in
/// the one named `IDAT`.
pub fn png(chunks: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for &(name, content) in chunks {
        let packed = match name {
            b"IDAT" => zlib(content),
            _ => content.to_vec(),
        };
        file.extend((packed.len() as u32).to_be_bytes());
        let start = file.len();
        file.extend(name);
        file.extend(packed);
        let checksum = crc32fast::hash(&file[start..]);
        file.extend(checksum.to_be_bytes());
    }
    file
}

/// A tar archive: in turn the header of an entry, whose checksum is made here, and
/// its content.
pub fn tar(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut archive = Vec::new();
    for entry in parts.chunks(2) {
        let mut header = entry[0].clone();
        header.resize(512, 0);
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend(header);
        archive.extend(entry.get(1).into_iter().flatten());
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}
