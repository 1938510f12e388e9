//! Files that are written whole or not at all.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::Builder;

/// Ending of a file that is being written: nothing else uses it, so that what
/// a killed process leaves can be told from a user's own files.
const PART: &str = ".paramalloc-part";

/// Writes a file whole or not at all: to a new file of a random name beside
/// it first, which is flushed to the disk and then renamed. A symbolic link at
/// `path` is replaced; what it points to stays.
///
/// # Errors
/// What the system says; `path` is as it was.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut prefix = OsStr::new(".").to_owned();
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".");
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(PART);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any file that a program makes: without what the umask forbids.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut beside = builder.tempfile_in(directory)?;
    beside.write_all(bytes)?;
    flushed(beside.as_file().sync_all())?;
    // By the standard library, whose call tests can let fail.
    let part = beside.into_temp_path();
    fs::rename(&part, path)?;
    // Nothing is left under the old name to remove.
    let _ = part.keep();
    if let Ok(directory) = File::open(directory) {
        // The new name is on the disk too, where a system can tell that.
        let _ = directory.sync_all();
    }
    Ok(())
}

/// Reads a file, and nothing else: a named pipe would wait for a writer, and a device
/// may have no end.
///
/// # Errors
/// What the system says, or that it is no regular file.
pub fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let kind = fs::metadata(path)?.file_type();
    match kind.is_file() || kind.is_dir() {
        // What the system says of a directory is clear.
        true => fs::read(path),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no regular file",
        )),
    }
}

/// [`read_whole`] of a text in UTF-8.
///
/// # Errors
/// As [`read_whole`], and if it is no UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    let text = String::from_utf8(read_whole(path)?);
    text.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// True if a file of this name is one that [`write_whole`] was writing when its
/// process was killed.
pub fn is_left_over(path: &Path) -> bool {
    let name = path.file_name().map(OsStr::as_encoded_bytes);
    name.is_some_and(|name| name.starts_with(b".") && name.ends_with(PART.as_bytes()))
}

/// The outcome of flushing a file to the disk. Some file systems refuse to
/// (`EINVAL`, `ENOSYS`, `EOPNOTSUPP`), which loses nothing unless the machine
/// stops.
///
/// # Errors
/// Any other error.
pub fn flushed(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if is_refusal(error.kind()) => Ok(()),
        result => result,
    }
}

fn is_refusal(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_its_neighbors_stay() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("summary.json");
        let mine = directory.path().join("summary.json.tmp");
        fs::write(&mine, "mine").unwrap();
        write_whole(&path, b"first").unwrap();
        write_whole(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read(&mine).unwrap(), b"mine");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("taken");
        fs::create_dir_all(path.join("by a directory")).unwrap();
        assert!(write_whole(&path, b"{}").is_err());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_read() {
        use std::os::unix::net::UnixListener;
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("socket");
        let _socket = UnixListener::bind(&socket).unwrap();
        for path in [&socket, Path::new("/dev/zero")] {
            let said = read_whole(path).unwrap_err().to_string();
            assert_eq!(said, "it is no regular file");
        }
        assert!(read_whole(directory.path()).is_err());
        let text = directory.path().join("text");
        fs::write(&text, b"caf\xe9").unwrap();
        assert!(read_text(&text).is_err());
        assert_eq!(read_whole(&text).unwrap(), b"caf\xe9");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_its_target_stays() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        let (target, link) = (
            directory.path().join("target"),
            directory.path().join("link"),
        );
        fs::write(&target, "mine").unwrap();
        symlink(&target, &link).unwrap();
        write_whole(&link, b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"mine");
        assert_eq!(fs::read(&link).unwrap(), b"new");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&link), mode(&target));
    }

    #[test]
    fn only_our_own_left_overs_are_told() {
        assert!(is_left_over(Path::new(
            "run/.summary.json.aX3.paramalloc-part"
        )));
        for other in [
            "run/summary.json.tmp",
            "run/x.paramalloc-part",
            ".hidden",
            "",
        ] {
            assert!(!is_left_over(Path::new(other)), "{other}");
        }
    }

    #[test]
    fn a_file_system_may_refuse_to_flush() {
        for code in [22, 38, 95] {
            // EINVAL, ENOSYS and EOPNOTSUPP of Linux.
            if cfg!(target_os = "linux") {
                assert!(flushed(Err(io::Error::from_raw_os_error(code))).is_ok());
            }
        }
        assert!(flushed(Err(io::ErrorKind::StorageFull.into())).is_err());
    }
}
