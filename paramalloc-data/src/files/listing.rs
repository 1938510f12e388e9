//! Listing directories.

use std::fs;
use std::path::{Path, PathBuf};

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::error::{ContentProblem, DataError};
use paramalloc_core::text::escaped;

/// Names and paths in a directory in order of the names, without hidden ones.
///
/// A name is in composed form, however the directory has it, so that a directory
/// from a Mac has the names of one from elsewhere; its control characters are
/// escaped, so that nothing that shows it acts on them.
///
/// # Errors
/// If the directory cannot be read, a name is not UTF-8, or two names differ only
/// in what was said.
pub(crate) fn entries(directory: &Path) -> Result<Vec<(String, PathBuf)>, DataError> {
    let cannot_read = |source| DataError::Read {
        path: directory.to_owned(),
        source,
    };
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for entry in fs::read_dir(directory).map_err(cannot_read)? {
        let entry = entry.map_err(cannot_read)?;
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        match name.to_str() {
            Some(name) => found.push((composed(name), entry.path())),
            None => return Err(DataError::content(entry.path(), ContentProblem::NotUtf8)),
        }
    }
    found.sort();
    let twin = found.windows(2).find(|pair| pair[0].0 == pair[1].0);
    match twin.map(|pair| pair[0].0.clone()) {
        None => Ok(found),
        Some(name) => Err(DataError::content(
            directory,
            ContentProblem::SameName { name },
        )),
    }
}

fn composed(name: &str) -> String {
    match is_nfc(name) {
        true => escaped(name).into_owned(),
        false => escaped(&name.nfc().collect::<String>()).into_owned(),
    }
}

/// The first two of some names in order that differ in upper and lower case
/// only: on other file systems they would be one.
pub(crate) fn case_twins<'a>(names: &[&'a str]) -> Option<[&'a str; 2]> {
    let mut lower: Vec<(String, &str)> = names.iter().map(|&n| (n.to_lowercase(), n)).collect();
    lower.sort();
    let mut pairs = lower.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    pairs.next().map(|pair| [pair[0].1, pair[1].1])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = entries(directory).unwrap();
        entries.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn names_are_composed_and_escaped_and_hidden_ones_left_out() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["b", "cafe\u{301}", ".hidden", "a\n\u{1b}[2J"] {
            // Not every file system has all of these names.
            if fs::write(directory.path().join(name), "").is_err() {
                return;
            }
        }
        let expected = ["a\\n\\u{1b}[2J", "b", "caf\u{e9}"];
        assert_eq!(names(directory.path()), expected);
    }

    #[test]
    fn one_name_in_two_forms_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["cafe\u{301}", "caf\u{e9}"] {
            fs::write(directory.path().join(name), "").unwrap();
        }
        if fs::read_dir(directory.path()).unwrap().count() < 2 {
            return;
        }
        let message = entries(directory.path()).unwrap_err().to_string();
        assert!(message.contains("two entries named caf\u{e9}"), "{message}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_not_utf_8_are_refused_and_shown_by_their_bytes() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let directory = tempfile::tempdir().unwrap();
        for name in [&b"caf\xe9"[..], b"caf\xe8"] {
            fs::write(directory.path().join(OsStr::from_bytes(name)), "").unwrap();
        }
        let message = entries(directory.path()).unwrap_err().to_string();
        assert!(message.contains("caf\\xe"), "{message}");
        assert!(message.contains("no UTF-8"), "{message}");
    }

    #[test]
    fn twins_differ_in_case_alone() {
        assert_eq!(case_twins(&["Cat", "Dog", "cat"]), Some(["Cat", "cat"]));
        assert_eq!(case_twins(&["a", "b", "ab"]), None);
    }
}
