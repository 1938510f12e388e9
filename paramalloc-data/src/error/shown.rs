//! Paths as they are shown: one can hold what clears a terminal or begins a new
//! line.

use std::path::Path;

use paramalloc_core::text::escaped;

/// A path with its control characters escaped, and bytes that are no UTF-8 as
/// `\xNN`.
pub(crate) fn shown(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        text += &escaped(chunk.valid());
        for byte in chunk.invalid() {
            text += &format!("\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(shown(Path::new("a\tb/c")), "a\\tb/c");
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_are_numbers() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(OsStr::from_bytes(b"caf\xe9/\xff"));
        assert_eq!(shown(path), "caf\\xe9/\\xff");
    }
}
