//! One cell of a table.

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    /// Nothing.
    Missing,
    /// A number, which may be infinite but is not NaN.
    Number(f64),
    /// Something else.
    Text(&'a str),
}

/// Cells that are taken for empty ones.
const MISSING: [&str; 8] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "Null"];

impl<'a> Cell<'a> {
    /// Reads a cell whose decimal separator is a comma if `decimal_comma`.
    pub fn read(text: &'a str, decimal_comma: bool) -> Self {
        let text = text.trim();
        if MISSING.contains(&text) {
            return Self::Missing;
        }
        match number(text, decimal_comma) {
            Some(number) if number.is_nan() => Self::Missing,
            Some(number) => Self::Number(number),
            None => Self::Text(text),
        }
    }
}

/// A number as people write it. Rust reads `inf` and `nan` too, in any case.
fn number(text: &str, decimal_comma: bool) -> Option<f64> {
    // Most texts are told by their first letter.
    let first = text.as_bytes().first()?;
    if !matches!(
        first,
        b'0'..=b'9' | b'+' | b'-' | b'.' | b',' | b'i' | b'I' | b'n' | b'N'
    ) {
        return None;
    }
    match decimal_comma && text.contains(',') {
        true if text.contains('.') || text.matches(',').count() > 1 => None,
        true => text.replace(',', ".").parse().ok(),
        false => text.parse().ok(),
    }
}

/// True if a cell is a number only with a decimal comma, which a file with
/// another separator may have.
pub(crate) fn has_decimal_comma(text: &str) -> bool {
    let text = text.trim();
    text.contains(',') && number(text, false).is_none() && number(text, true).is_some()
}

/// True if a cell is a number with a decimal point.
pub(crate) fn has_decimal_point(text: &str) -> bool {
    let text = text.trim();
    text.contains('.') && number(text, false).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_missing_numbers_or_text() {
        for text in ["", "  ", "NA", "NaN", "nan", "N/A", "-nan"] {
            assert_eq!(Cell::read(text, false), Cell::Missing, "{text}");
        }
        for (text, number) in [("1", 1.0), (" -2.5e3 ", -2500.0), (".5", 0.5), ("+7", 7.0)] {
            assert_eq!(Cell::read(text, false), Cell::Number(number), "{text}");
        }
        for text in ["<5", "1,5", "1 000", "12a", "male", "None", "1.2.3"] {
            assert_eq!(Cell::read(text, false), Cell::Text(text));
        }
        assert_eq!(Cell::read("-inf", false), Cell::Number(f64::NEG_INFINITY));
    }

    #[test]
    fn a_decimal_comma_is_read_where_it_is_meant() {
        assert_eq!(Cell::read("1,5", true), Cell::Number(1.5));
        assert_eq!(Cell::read("3", true), Cell::Number(3.0));
        assert_eq!(Cell::read("1.234,5", true), Cell::Text("1.234,5"));
        assert_eq!(Cell::read("1,2,3", true), Cell::Text("1,2,3"));
        assert!(has_decimal_comma(" 0,25") && !has_decimal_comma("a,b"));
        assert!(has_decimal_point("0.25") && !has_decimal_point("v.1"));
    }
}
