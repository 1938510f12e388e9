//! Borrows of `Cow`s in constant functions, which cannot dereference them.
// They take a `Cow`, not what it points to: that is what they are for.
#![allow(clippy::ptr_arg)]

use std::borrow::Cow;

/// The text.
pub(crate) const fn text<'a>(text: &'a Cow<'static, str>) -> &'a str {
    match text {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => text.as_str(),
    }
}

/// The items.
pub(crate) const fn items<'a, T: Clone>(items: &'a Cow<'static, [T]>) -> &'a [T] {
    match items {
        Cow::Borrowed(items) => items,
        Cow::Owned(items) => items.as_slice(),
    }
}
