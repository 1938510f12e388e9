//! Text in HTML.

use crate::format::printable;

/// Text without what HTML acts on, control characters escaped.
pub fn escaped(text: &str) -> String {
    crate::figures::escaped(&printable(text))
}
