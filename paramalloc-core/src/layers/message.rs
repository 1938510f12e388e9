//! The words for a mistake, put together while compiling: a constant cannot
//! use `format!`, and a compile error can only show one string.

use super::check::{Mistake, Problem};
use crate::network::shape::Dims;

/// Longest message in bytes; what is beyond it is cut off.
const CAPACITY: usize = 512;

/// A string of limited length that constants can build.
#[derive(Clone, Copy, Debug)]
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

/// Says what is wrong in `field` and what to write instead. `before` is the
/// field above it; absent for the first one.
pub const fn explain(mistake: &Mistake<'_>, field: &str, before: Option<&str>) -> Message {
    let given = mistake.given;
    let it = subject(mistake, field);
    match mistake.problem {
        Problem::Channels(n) => but(
            it.text(" takes ").count(n, "input channel"),
            mistake,
            before,
        ),
        Problem::Features(n) => but(it.text(" takes ").count(n, "feature"), mistake, before),
        Problem::Exactly(dims) => but(it.text(" takes ").shape(dims), mistake, before),
        Problem::NeedsImage => {
            let but = but(it.text(" takes an image"), mistake, before);
            if mistake.operation == 0 && before.is_none() {
                but.text("; write `input = (channels, rows, columns)`")
            } else {
                but.text("; layers that take images come before `Flatten2D`")
            }
        }
        Problem::NeedsFeatures(n) => {
            let but = but(it.text(" takes ").count(n, "feature"), mistake, before);
            let advice = but.text("; write a `Flatten2D` before it");
            if given.len() == n {
                advice
            } else {
                advice.text(", which gives ").count(given.len(), "feature")
            }
        }
        Problem::KernelTooLarge(rows, columns) => {
            let kernel = it.text(" has a kernel of ").number(rows).text("x");
            but(kernel.number(columns), mistake, before)
                .text("; write a smaller kernel or padding `Same`")
        }
        Problem::Zero => it.text(" has a 0 in its type; write numbers of at least 1"),
        Problem::DropsAll => it.text(" drops every value; write at least `DropoutOneIn<2>`"),
        Problem::Groups(groups, channels) => it
            .text(" has ")
            .count(groups, "group")
            .text(" for ")
            .count(channels, "channel")
            .text("; write a number of groups that divides the channels"),
        Problem::MisplacedAnyOf => {
            it.text(" cannot be a part of a stack; make it a field of its own")
        }
        Problem::Disagree(first, j, other) => Message::new()
            .text("alternatives must give the same shape, but in ")
            .code(field)
            .text(" alternative 0 gives ")
            .shape(first)
            .text(" and alternative ")
            .number(j)
            .text(" gives ")
            .shape(other),
    }
}

/// The operation: the field's name, or where it is inside the field.
const fn subject(mistake: &Mistake<'_>, field: &str) -> Message {
    let mut it = Message::new();
    if mistake.operation > 0 {
        it = it.code(mistake.layer).text(" (operation ");
        it = it.number(mistake.operation).text(") in ");
    }
    if let Some(j) = mistake.component {
        it = it.text("alternative ").number(j).text(" of ");
    }
    it.code(field)
}

/// Appends what the operation is given instead of what it takes.
const fn but(takes: Message, mistake: &Mistake<'_>, before: Option<&str>) -> Message {
    let but = takes.text(", but ");
    let giver = match before {
        _ if mistake.operation > 0 => {
            let above = but.text("operation ").number(mistake.operation - 1);
            above.text(" gives ")
        }
        Some(before) => but.code(before).text(" gives "),
        None => but.text("the input is "),
    };
    giver.shape(mistake.given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check;
    use crate::layers::{AnyOf, Conv2D, Flatten2D, GroupNorm, Layer, Linear};

    fn message<L: Layer>(input: Dims, before: Option<&str>) -> String {
        let spec = L::SPEC;
        let mistake = check(&spec, input).mistake.expect("a mistake");
        explain(&mistake, "field", before).as_str().to_string()
    }

    #[test]
    fn the_field_above_is_named() {
        assert_eq!(
            message::<Conv2D<8, 4, 3>>(Dims::image(4, 12, 12), Some("pool1")),
            "`field` takes 8 input channels, but `pool1` gives 4x12x12"
        );
        assert_eq!(
            message::<Linear<7, 4>>(Dims::features(1), None),
            "`field` takes 7 features, but the input is 1 feature"
        );
    }

    #[test]
    fn an_operation_inside_a_stack_is_named() {
        assert_eq!(
            message::<AnyOf<((Conv2D<1, 8, 3>, GroupNorm<4, 2>),)>>(Dims::image(1, 28, 28), None),
            "`GroupNorm` (operation 1) in alternative 0 of `field` takes 4 input channels, but operation 0 gives 8x26x26"
        );
        assert_eq!(
            message::<(Flatten2D, Conv2D<1, 8, 3>)>(Dims::image(1, 2, 2), None),
            "`Conv2D` (operation 1) in `field` takes an image, but operation 0 gives 4 features; layers that take images come before `Flatten2D`"
        );
    }

    #[test]
    fn a_message_that_is_too_long_is_cut_between_characters() {
        let long = "ä".repeat(CAPACITY);
        let message = Message::new().text("a").text(&long);
        assert_eq!(message.as_str().len(), CAPACITY - 1);
        assert_eq!(Message::new().number(9070).as_str(), "9070");
    }
}
