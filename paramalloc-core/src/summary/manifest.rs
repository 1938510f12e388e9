//! `manifest.json`: which files a run directory holds, with their checksums.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::FORMAT;
use super::whole_file::read_whole;

/// `manifest.json`: the files of a run as the training process left them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunManifest {
    /// Version of this format, [`FORMAT`].
    pub format: u32,
    /// The finished files by name, `checkpoints/best.safetensors` for example.
    pub files: BTreeMap<String, FileContent>,
    /// The files that grow by whole lines, as they were at the last
    /// checkpoint.
    pub growing: BTreeMap<String, FileContent>,
}

/// The content of a file, or its first bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileContent {
    /// How many bytes.
    pub bytes: u64,
    /// CRC-32 of them.
    pub crc32: u32,
}

impl FileContent {
    /// The content of a file with these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            crc32: crc32fast::hash(bytes),
        }
    }
}

impl Default for RunManifest {
    fn default() -> Self {
        Self {
            format: FORMAT,
            files: BTreeMap::new(),
            growing: BTreeMap::new(),
        }
    }
}

impl RunManifest {
    /// The manifest of a run directory; `None` if there is none, as in
    /// version 0.1, or it is damaged or of a newer format.
    pub fn read(run: &Path) -> Option<Self> {
        let text = read_whole(&run.join("manifest.json")).ok()?;
        let manifest: Self = serde_json::from_slice(&text).ok()?;
        (manifest.format <= FORMAT).then_some(manifest)
    }

    /// True if the file `name` is in the directory `run`, but has other content
    /// than the manifest there says; false where there is no manifest, and where
    /// the file cannot be read, which is told by whoever reads it.
    pub fn is_changed(run: &Path, name: &str) -> bool {
        let Some(mut manifest) = Self::read(run) else {
            return false;
        };
        manifest.files.retain(|other, _| other == name);
        manifest.growing.retain(|other, _| other == name);
        let changed = manifest.changed(run).unwrap_or_default();
        !changed.is_empty() && run.join(name).exists()
    }

    /// Names of the files in the directory `run` that are missing or have
    /// other content than the manifest says. A growing file may have grown.
    ///
    /// # Errors
    /// If a file is there but cannot be read.
    pub fn changed(&self, run: &Path) -> io::Result<Vec<String>> {
        let mut changed = Vec::new();
        let growing = self.growing.iter().map(|entry| (entry, true));
        let files = self.files.iter().map(|entry| (entry, false));
        for ((name, content), may_grow) in files.chain(growing) {
            if !is_as_said(run, name, *content, may_grow)? {
                changed.push(name.clone());
            }
        }
        Ok(changed)
    }
}

/// True if the file `name` of a run has the content that its manifest says. A name
/// that leads out of the run's directory, and what is no regular file, are never
/// opened: a device has no end.
fn is_as_said(run: &Path, name: &str, content: FileContent, may_grow: bool) -> io::Result<bool> {
    let mut parts = Path::new(name).components();
    if !parts.all(|part| matches!(part, Component::Normal(_))) {
        return Ok(false);
    }
    let path = run.join(name);
    let found = match fs::metadata(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let fits = match may_grow {
        true => found.len() >= content.bytes,
        false => found.len() == content.bytes,
    };
    if !found.is_file() || !fits {
        return Ok(false);
    }
    let mut file = File::open(&path)?.take(content.bytes);
    let (mut crc, mut bytes) = (crc32fast::Hasher::new(), 0);
    let mut part = vec![0; 1 << 16];
    loop {
        let read = match file.read(&mut part) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        crc.update(&part[..read]);
        bytes += read as u64;
    }
    let crc32 = crc.finalize();
    Ok(FileContent { bytes, crc32 } == content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_and_missing_files_are_named() {
        let name = format!("paramalloc-manifest-{}", std::process::id());
        let run = std::env::temp_dir().join(name);
        fs::create_dir_all(&run).unwrap();
        let write = |name: &str, text: &str| fs::write(run.join(name), text).unwrap();
        let mut manifest = RunManifest::default();
        for (name, text) in [("a", "one"), ("b", "two"), ("c", "three")] {
            write(name, text);
            let content = FileContent::of(text.as_bytes());
            manifest.files.insert(name.to_string(), content);
        }
        for name in ["d", "e"] {
            write(name, "line\n");
            let content = FileContent::of(b"line\n");
            manifest.growing.insert(name.to_string(), content);
        }
        assert!(manifest.changed(&run).unwrap().is_empty());
        write("b", "twO");
        fs::remove_file(run.join("c")).unwrap();
        write("d", "line\nanother\n");
        write("e", "lin");
        assert_eq!(manifest.changed(&run).unwrap(), ["b", "c", "e"]);
        fs::remove_dir_all(run).unwrap();
    }

    /// As a stranger's manifest may have it: none is read, a device would never end.
    #[test]
    fn names_that_lead_elsewhere_are_not_followed() {
        let parent = tempfile::tempdir().unwrap();
        let run = parent.path().join("run");
        fs::create_dir_all(run.join("directory")).unwrap();
        fs::write(parent.path().join("secret"), "one").unwrap();
        let names = ["/dev/zero", "../secret", "directory", ".", ""];
        for name in names {
            let mut manifest = RunManifest::default();
            let content = FileContent::of(b"one");
            manifest.files.insert(name.to_owned(), content);
            assert_eq!(manifest.changed(&run).unwrap(), [name]);
            manifest.growing = std::mem::take(&mut manifest.files);
            assert_eq!(manifest.changed(&run).unwrap(), [name]);
        }
        let mut manifest = RunManifest::default();
        let content = FileContent::of(b"one");
        manifest.growing.insert("endless".to_owned(), content);
        fs::write(run.join("endless"), "one and more").unwrap();
        assert!(manifest.changed(&run).unwrap().is_empty());
    }
}
