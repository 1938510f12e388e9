//! The files of Omniglot: `PART/ALPHABET/characterNN/IIII_DD.png`, in two zip
//! archives or unpacked.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::alphabets::{Alphabet, PARTS};
use super::drawings::{AREA, Drawings, SIDE};
use crate::error::{ContentProblem, DataError};
use crate::files::{LocalFile, entries, hex};
use crate::formats::image_file;
use crate::generated::DRAWINGS;
use crate::published::Loaded;

/// The most bytes of the file of a drawing; the published ones have some 200.
const MAX_DRAWING: u64 = 1 << 16;

/// SHA-256 by part of the data set.
type Sums = BTreeMap<String, String>;

/// PNG files by character directory and file name.
type Characters = BTreeMap<String, BTreeMap<String, Vec<u8>>>;

/// The drawings of each alphabet of `table` in the zip archives of the parts,
/// and the sums of [`sums`].
pub(super) fn zips(
    files: &[LocalFile],
    table: &[Alphabet],
) -> Result<Loaded<Vec<Drawings>>, DataError> {
    let parts: Vec<BTreeMap<String, Characters>> = files
        .iter()
        .map(|file| unzip(file, table))
        .collect::<Result<_, _>>()?;
    let found: Vec<_> = table
        .iter()
        .map(|alphabet| {
            let place = files[alphabet.part].path.join(alphabet.name);
            (place, parts[alphabet.part].get(alphabet.name))
        })
        .collect();
    loaded(table, &found)
}

/// The PNG files of the alphabets in `table` by alphabet.
fn unzip(file: &LocalFile, table: &[Alphabet]) -> Result<BTreeMap<String, Characters>, DataError> {
    let mut archive = ZipArchive::new(Cursor::new(&file.bytes))
        .map_err(|source| DataError::broken(&file.path, "zip", source))?;
    let mut alphabets: BTreeMap<String, Characters> = BTreeMap::new();
    for index in 0..archive.len() {
        let entry = archive
            .by_index(index)
            .map_err(|source| DataError::broken(&file.path, "zip", source))?;
        let name = entry
            .name()
            .map_err(|source| DataError::broken(&file.path, "zip", source))?
            .into_owned();
        let [part, alphabet, character, drawing] = name.split('/').collect::<Vec<_>>()[..] else {
            continue;
        };
        let wanted = table
            .iter()
            .any(|a| a.name == alphabet && PARTS[a.part] == part);
        if !wanted || !is_png(drawing) {
            continue;
        }
        if entry.size() > MAX_DRAWING {
            return Err(DataError::TooLarge {
                path: file.path.join(name),
                content: "bytes",
                bytes: entry.size(),
                limit: MAX_DRAWING,
            });
        }
        let mut bytes = Vec::new();
        entry
            .take(MAX_DRAWING)
            .read_to_end(&mut bytes)
            .map_err(|source| DataError::broken(&file.path, "zip", source))?;
        let characters = alphabets.entry(alphabet.to_owned()).or_default();
        let drawings = characters.entry(character.to_owned()).or_default();
        drawings.insert(drawing.to_owned(), bytes);
    }
    Ok(alphabets)
}

fn is_png(name: &str) -> bool {
    name.ends_with(".png") && !name.starts_with('.')
}

/// The drawings of each alphabet of `table` in the unpacked directories, and the
/// sums of [`sums`].
pub(super) fn directories(
    directory: &Path,
    table: &[Alphabet],
) -> Result<Loaded<Vec<Drawings>>, DataError> {
    let mut found = Vec::new();
    for alphabet in table {
        let place = directory.join(PARTS[alphabet.part]).join(alphabet.name);
        let is_there = place.is_dir();
        let characters = is_there.then(|| read_characters(&place)).transpose()?;
        found.push((place, characters));
    }
    let found: Vec<_> = (found.iter())
        .map(|(place, characters)| (place.clone(), characters.as_ref()))
        .collect();
    loaded(table, &found)
}

/// An alphabet of a table: where it is, and its files if it is there.
type Found<'a> = (PathBuf, Option<&'a Characters>);

fn loaded(table: &[Alphabet], found: &[Found<'_>]) -> Result<Loaded<Vec<Drawings>>, DataError> {
    let content = (table.iter().zip(found))
        .map(|(alphabet, (place, characters))| decode(place, *characters, alphabet))
        .collect::<Result<_, _>>()?;
    Ok(Loaded {
        content,
        sums: sums(table, found),
    })
}

/// One SHA-256 per part, of the names and contents of all files used, so that
/// zipped and unpacked files are the same data.
fn sums(table: &[Alphabet], found: &[Found<'_>]) -> Sums {
    let mut sums: BTreeMap<&str, Sha256> = BTreeMap::new();
    for (alphabet, (_, characters)) in table.iter().zip(found) {
        let sum = sums.entry(PARTS[alphabet.part]).or_default();
        for (character, drawings) in characters.iter().copied().flatten() {
            for (name, bytes) in drawings {
                let path = format!("{}/{character}/{name}", alphabet.name);
                for part in [path.as_bytes(), bytes] {
                    sum.update((part.len() as u64).to_le_bytes());
                    sum.update(part);
                }
            }
        }
    }
    let sums = sums.into_iter();
    sums.map(|(part, sum)| (part.to_owned(), hex(&sum.finalize())))
        .collect()
}

fn read_characters(alphabet: &Path) -> Result<Characters, DataError> {
    let mut characters = Characters::new();
    for (character, path) in entries(alphabet)? {
        if !path.is_dir() {
            continue;
        }
        let drawings = characters.entry(character).or_default();
        for (name, path) in entries(&path)? {
            if is_png(&name) {
                drawings.insert(name, LocalFile::read(path)?.bytes);
            }
        }
    }
    Ok(characters)
}

/// All drawings of an alphabet, character by character in order of directories,
/// each in order of file names.
fn decode(
    place: &Path,
    characters: Option<&Characters>,
    alphabet: &Alphabet,
) -> Result<Drawings, DataError> {
    let Some(characters) = characters else {
        return Err(DataError::content(place, ContentProblem::NoAlphabet));
    };
    if characters.len() != alphabet.characters {
        return Err(DataError::content(
            place,
            ContentProblem::Count {
                items: "characters",
                found: characters.len(),
                expected: alphabet.characters,
            },
        ));
    }
    let mut drawings = Drawings::default();
    for (character, files) in characters {
        let place = place.join(character);
        if files.len() != DRAWINGS {
            return Err(DataError::content(
                place,
                ContentProblem::Count {
                    items: "drawings",
                    found: files.len(),
                    expected: DRAWINGS,
                },
            ));
        }
        for (name, bytes) in files {
            drawings.push(&ink(bytes, &place.join(name))?);
        }
    }
    Ok(drawings)
}

/// The pixels of a PNG file, true where it is black.
fn ink(png: &[u8], path: &Path) -> Result<Vec<bool>, DataError> {
    let image = image_file::decode(png, path)?.into_gray();
    let found = (image.height, image.width);
    if found != (SIDE, SIDE) {
        return Err(DataError::ImageSize {
            path: path.to_owned(),
            expected: (SIDE, SIDE),
            found,
        });
    }
    let pixels = image.pixels;
    if pixels.iter().any(|&pixel| pixel != 0 && pixel != 255) {
        return Err(DataError::content(path, ContentProblem::GrayPixels));
    }
    debug_assert_eq!(pixels.len(), AREA);
    Ok(pixels.into_iter().map(|pixel| pixel == 0).collect())
}
