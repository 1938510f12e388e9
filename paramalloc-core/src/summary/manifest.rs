//! `manifest.json`: which files a run directory holds, with their checksums.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::FORMAT;

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
    /// The manifest of a run directory; nothing if there is none, as in
    /// version 0.1, or it is damaged or of a newer format.
    pub fn read(run: &Path) -> Option<Self> {
        let text = std::fs::read(run.join("manifest.json")).ok()?;
        let manifest: Self = serde_json::from_slice(&text).ok()?;
        (manifest.format <= FORMAT).then_some(manifest)
    }

    /// The part of it about the file `name`.
    pub fn of_file(&self, name: &str) -> Self {
        let mut part = self.clone();
        part.files.retain(|other, _| other == name);
        part.growing.retain(|other, _| other == name);
        part
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
            let bytes = match std::fs::read(run.join(name)) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    changed.push(name.clone());
                    continue;
                }
                Err(error) => return Err(error),
            };
            let length = usize::try_from(content.bytes).unwrap_or(usize::MAX);
            let compared = match may_grow {
                true => bytes.get(..length).unwrap_or(&bytes),
                false => &bytes,
            };
            if FileContent::of(compared) != *content {
                changed.push(name.clone());
            }
        }
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_and_missing_files_are_named() {
        let name = format!("paramalloc-manifest-{}", std::process::id());
        let run = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&run).unwrap();
        let write = |name: &str, text: &str| std::fs::write(run.join(name), text).unwrap();
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
        std::fs::remove_file(run.join("c")).unwrap();
        write("d", "line\nanother\n");
        write("e", "lin");
        assert_eq!(manifest.changed(&run).unwrap(), ["b", "c", "e"]);
        std::fs::remove_dir_all(run).unwrap();
    }
}
