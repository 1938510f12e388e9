//! Sentences put together while compiling: a constant cannot use `format!`,
//! and a compile error can only show one string.

use std::fmt;

use crate::network::shape::Dims;

/// Longest message in bytes; what is beyond it is cut off.
const CAPACITY: usize = 512;

/// A string of limited length that constants can build.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Message {
    bytes: [u8; CAPACITY],
    len: usize,
}

impl Message {
    /// The empty message.
    pub const fn new() -> Self {
        Self {
            bytes: [0; CAPACITY],
            len: 0,
        }
    }

    /// Appends `text`.
    #[must_use]
    pub const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut i = 0;
        while i < text.len() && self.len < CAPACITY {
            self.bytes[self.len] = text[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    /// Appends `code` in backticks.
    #[must_use]
    pub const fn code(self, code: &str) -> Self {
        self.text("`").text(code).text("`")
    }

    /// Appends `n` in decimal digits.
    #[must_use]
    pub const fn number(self, n: usize) -> Self {
        let rest = if n >= 10 { self.number(n / 10) } else { self };
        let (_, digit) = "0123456789".split_at(n % 10);
        rest.text(digit.split_at(1).0)
    }

    /// Appends `n` and `noun`, with the plural's `s` unless `n` is 1.
    #[must_use]
    pub const fn count(self, n: usize, noun: &str) -> Self {
        let counted = self.number(n).text(" ").text(noun);
        if n == 1 { counted } else { counted.text("s") }
    }

    /// Appends a shape: `4x12x12` or `36 features`.
    #[must_use]
    pub const fn shape(self, dims: Dims) -> Self {
        if !dims.is_image {
            return self.count(dims.channels, "feature");
        }
        let channels = self.number(dims.channels).text("x");
        channels.number(dims.height).text("x").number(dims.width)
    }

    /// Appends what another message says.
    #[must_use]
    pub const fn message(self, other: &Message) -> Self {
        self.text(other.as_str())
    }

    /// What was written so far.
    pub const fn as_str(&self) -> &str {
        let (written, _) = self.bytes.split_at(self.len);
        match str::from_utf8(written) {
            Ok(text) => text,
            Err(cut) => match str::from_utf8(written.split_at(cut.valid_up_to()).0) {
                Ok(text) => text,
                Err(_) => "",
            },
        }
    }
}

impl Default for Message {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_too_long_is_cut_between_characters() {
        let long = "ä".repeat(CAPACITY);
        let message = Message::new().text("a").text(&long);
        assert_eq!(message.as_str().len(), CAPACITY - 1);
        assert_eq!(Message::new().number(9070).as_str(), "9070");
    }
}
