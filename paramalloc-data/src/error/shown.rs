//! Names and paths as they are shown: a name can hold what clears a terminal
//! or begins a new line.

use std::borrow::Cow;
use std::path::Path;

/// A path with its control characters escaped, and bytes that are no UTF-8 as
/// `\xNN`.
pub(crate) fn shown(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        text += &shown_name(chunk.valid());
        for byte in chunk.invalid() {
            text += &format!("\\x{byte:02x}");
        }
    }
    text
}

/// A name with its control characters escaped, as `\n` and `\u{1b}`. Characters
/// that turn the direction of writing are such too.
pub(crate) fn shown_name(name: &str) -> Cow<'_, str> {
    if !name.chars().any(is_hidden) {
        return name.into();
    }
    let escaped = name.chars().map(|character| match is_hidden(character) {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    });
    escaped.collect::<String>().into()
}

fn is_hidden(character: char) -> bool {
    let is_direction = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_separator = matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}');
    character.is_control() || is_direction || is_separator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(shown_name("café 猫 🐶"), "café 猫 🐶");
        assert_eq!(shown_name("a\nb\r\x1b[2J"), "a\\nb\\r\\u{1b}[2J");
        assert_eq!(
            shown_name("x\u{202e}gpj.exe\u{9b}"),
            "x\\u{202e}gpj.exe\\u{9b}"
        );
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
