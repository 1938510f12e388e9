//! Names as they are shown: one can hold what clears a terminal or begins a
//! new line.

use std::borrow::Cow;
use std::fmt::Display;

/// `text` with control characters as escapes, `\n` or `\u{1b}` for example, and
/// so are characters that are not seen and turn the direction of writing or
/// end a line.
///
/// ```
/// use paramalloc_core::text::escaped;
///
/// assert_eq!(escaped("café 猫"), "café 猫");
/// assert_eq!(escaped("a\nb\x1b[2J"), r"a\nb\u{1b}[2J");
/// ```
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return text.into();
    }
    let escape = |c: char| match is_hidden(c) {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(escape).collect::<String>().into()
}

/// The most characters of [`brief`].
const LONGEST: usize = 1000;

/// The most characters of [`name`].
const LONGEST_NAME: usize = 120;

/// What a parser or a decoder says, which may quote the file that it reads: without
/// control characters, and not longer than people read.
pub fn brief(said: impl Display) -> String {
    cut(escaped(said.to_string().trim()).into_owned(), LONGEST)
}

/// A name or a cell of a file, as a sentence quotes it: without control characters,
/// and cut where it is longer than names are.
pub fn name(text: &str) -> String {
    cut(escaped(text).into_owned(), LONGEST_NAME)
}

fn cut(mut text: String, longest: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(longest) {
        text.truncate(end);
        text += "..";
    }
    text
}

fn is_hidden(c: char) -> bool {
    let turns_direction = matches!(
        c,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    let ends_line = matches!(c, '\u{2028}' | '\u{2029}');
    // Those two are no characters, which XML refuses.
    let is_none = matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    c.is_control() || turns_direction || ends_line || is_none
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parser_says_is_brief() {
        assert_eq!(brief("no bytes\n"), "no bytes");
        assert_eq!(brief("a\u{7}b"), r"a\u{7}b");
        let long = brief("\u{e9}".repeat(2 * LONGEST));
        assert_eq!(long.chars().count(), LONGEST + 2);
    }

    #[test]
    fn a_long_name_is_cut_after_it_is_escaped() {
        assert_eq!(name("a b "), "a b ");
        assert_eq!(name("a\u{7}"), r"a\u{7}");
        assert_eq!(name(&"\0".repeat(1000)).chars().count(), LONGEST_NAME + 2);
    }

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(escaped("café 猫 🐶"), "café 猫 🐶");
        assert_eq!(escaped("a\nb\r\t\x1b[2J\x7f"), r"a\nb\r\t\u{1b}[2J\u{7f}");
        assert_eq!(escaped("x\u{202e}gpj\u{9b}"), r"x\u{202e}gpj\u{9b}");
        assert_eq!(escaped("\u{feff}x\u{2028}"), r"\u{feff}x\u{2028}");
    }
}
