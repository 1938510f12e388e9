//! What a shape rule says: the output, and what is wrong. An error is returned
//! as a value, with the shape to continue with, so that one error is reported
//! once.

use super::message::Message;
use crate::network::shape::Dims;

/// The shape after a layer, and the first error in it if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked<'a> {
    /// The output; after an error what the layer gives in any case, or
    /// [`Dims::UNKNOWN`].
    pub output: Dims,
    /// The first error.
    pub error: Option<ShapeError<'a>>,
}

/// A layer that does not fit its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShapeError<'a> {
    /// What is wrong.
    pub problem: Problem,
    /// The shape that reaches the operation.
    pub given: Dims,
    /// The operation's kind, as its type is called.
    pub layer: &'a str,
    /// The operation's index in its stack, counted from 0. At index 0 the
    /// shape comes from the field before.
    pub operation: usize,
    /// The element of the field's outermost tuple that holds the operation.
    pub part: usize,
    /// The alternative of `AnyOf`, where the field has several.
    pub component: Option<usize>,
}

/// Kinds of errors.
// Made once, for the one sentence that a program ends with.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Takes an image of this many channels.
    Channels(usize),
    /// Takes this many features.
    Features(usize),
    /// Takes an image, and features are given (`Flatten2D` comes too early).
    NeedsImage,
    /// Takes features, and an image is given (a `Flatten2D` is missing).
    NeedsFeatures(usize),
    /// The kernel (rows, columns) is larger than the image.
    KernelTooLarge(usize, usize),
    /// A size, stride or number of channels is zero.
    Zero,
    /// A user's layer takes exactly this shape.
    Exactly(Dims),
    /// What only this layer can have wrong, to be read after its name:
    /// `drops every value; ..`.
    Own(Message),
    /// `AnyOf` inside a stack or inside another `AnyOf`.
    MisplacedAnyOf,
    /// Component `.1` gives shape `.2` where component 0 gives shape `.0`.
    Disagree(Dims, usize, Dims),
}

/// Nothing is wrong.
pub(crate) const fn fits<'a>(output: Dims) -> Checked<'a> {
    Checked {
        output,
        error: None,
    }
}

/// An error at an operation that is given `given`; `output` is what it gives
/// in any case. Which operation it is, the caller says.
pub(crate) const fn wrong<'a>(problem: Problem, given: Dims, output: Dims) -> Checked<'a> {
    let error = ShapeError {
        problem,
        given,
        layer: "",
        operation: 0,
        part: 0,
        component: None,
    };
    Checked {
        output,
        error: Some(error),
    }
}

/// An `AnyOf` where none may be.
pub(crate) const fn misplaced<'a>(given: Dims) -> Checked<'a> {
    wrong(Problem::MisplacedAnyOf, given, Dims::UNKNOWN)
}

/// Says what is wrong in `field` and what to write instead. `before` is the
/// field above it; absent for the first one.
pub const fn explain(error: &ShapeError<'_>, field: &str, before: Option<&str>) -> Message {
    let given = error.given;
    let it = subject(error, field);
    match error.problem {
        Problem::Channels(n) => but(it.text(" takes ").count(n, "input channel"), error, before),
        Problem::Features(n) => but(it.text(" takes ").count(n, "feature"), error, before),
        Problem::Exactly(dims) => but(it.text(" takes ").shape(dims), error, before),
        Problem::NeedsImage => {
            let but = but(it.text(" takes an image"), error, before);
            if error.operation == 0 && before.is_none() {
                but.text("; write `input = (channels, rows, columns)`")
            } else {
                but.text("; layers that take images come before `Flatten2D`")
            }
        }
        Problem::NeedsFeatures(n) => {
            let but = but(it.text(" takes ").count(n, "feature"), error, before);
            let advice = but.text("; write a `Flatten2D` before it");
            if given.len() == n {
                advice
            } else {
                advice.text(", which gives ").count(given.len(), "feature")
            }
        }
        Problem::KernelTooLarge(rows, columns) => {
            let kernel = it.text(" has a kernel of ").number(rows).text("x");
            but(kernel.number(columns), error, before)
                .text("; write a smaller kernel or padding `Same`")
        }
        Problem::Own(sentence) => it.text(" ").message(&sentence),
        Problem::Zero => it.text(" has a 0 in its type; write numbers of at least 1"),
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
const fn subject(error: &ShapeError<'_>, field: &str) -> Message {
    let mut it = Message::new();
    if error.operation > 0 {
        it = it.code(error.layer).text(" (operation ");
        it = it.number(error.operation).text(") in ");
    }
    if let Some(j) = error.component {
        it = it.text("alternative ").number(j).text(" of ");
    }
    it.code(field)
}

/// Appends what the operation is given instead of what it takes.
const fn but(takes: Message, error: &ShapeError<'_>, before: Option<&str>) -> Message {
    let but = takes.text(", but ");
    let giver = match before {
        _ if error.operation > 0 => {
            let above = but.text("operation ").number(error.operation - 1);
            above.text(" gives ")
        }
        Some(before) => but.code(before).text(" gives "),
        None => but.text("the input is "),
    };
    giver.shape(error.given)
}
