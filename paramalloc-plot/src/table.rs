//! Text in columns; wide characters take two places.
//!
//! ```
//! use paramalloc_plot::table::{Column, lines};
//!
//! let tasks = ["MNIST", "MNIST-Rot"].map(String::from);
//! let losses = ["0.5", "10.25"].map(String::from);
//! let table = [Column::left("task", tasks), Column::right("loss", losses)];
//! let expected = ["task        loss", "MNIST        0.5", "MNIST-Rot  10.25"];
//! assert_eq!(lines(&table), expected);
//! ```

use std::collections::HashSet;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use console::{measure_text_width, truncate_str};

/// Space between columns.
const GAP: u16 = 2;

/// One column: a heading and a cell per row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Above the cells.
    pub heading: String,
    /// From the top.
    pub cells: Vec<String>,
    alignment: CellAlignment,
}

impl Column {
    /// A column of words, at the left.
    pub fn left(heading: &str, cells: impl IntoIterator<Item = String>) -> Self {
        Self {
            heading: heading.to_owned(),
            cells: cells.into_iter().collect(),
            alignment: CellAlignment::Left,
        }
    }

    /// A column of numbers, at the right.
    pub fn right(heading: &str, cells: impl IntoIterator<Item = String>) -> Self {
        Self {
            alignment: CellAlignment::Right,
            ..Self::left(heading, cells)
        }
    }

    /// Whether it is a column of numbers.
    #[cfg(feature = "compare")]
    pub(crate) fn is_right(&self) -> bool {
        self.alignment == CellAlignment::Right
    }

    fn width(&self) -> usize {
        let texts = self.cells.iter().chain([&self.heading]);
        texts
            .map(|text| measure_text_width(text))
            .max()
            .unwrap_or(0)
    }
}

/// Characters that columns take together, each followed by a gap of two.
pub fn total_width(columns: &[Column]) -> usize {
    let widths = columns.iter().map(Column::width);
    widths.map(|width| width + usize::from(GAP)).sum()
}

/// A line of headings, then one for each row; as many rows as the shortest
/// column has.
pub fn lines(columns: &[Column]) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(columns.iter().map(|column| &column.heading));
    let rows = columns.iter().map(|column| column.cells.len()).min();
    for row in 0..rows.unwrap_or(0) {
        table.add_row(columns.iter().map(|column| &column.cells[row]));
    }
    for (place, column) in table.column_iter_mut().zip(columns) {
        place.set_padding((0, GAP));
        place.set_cell_alignment(column.alignment);
    }
    table.trim_fmt().lines().map(str::to_owned).collect()
}

/// The [`lines`] with a rule below the headings, and one above the last row if that
/// `is_total` of the others.
pub fn ruled(columns: &[Column], is_total: bool) -> Vec<String> {
    let mut lines = lines(columns);
    let widths = lines.iter().map(|line| measure_text_width(line));
    let rule = "─".repeat(widths.max().unwrap_or(0));
    if is_total {
        lines.insert(lines.len() - 1, rule.clone());
    }
    lines.insert(1, rule);
    lines
}

/// Texts cut to `limit` characters of a terminal: at their ends where they stay
/// different, else in the middle, and whole where that is not enough.
pub fn cut_apart(texts: &[String], limit: usize) -> Vec<String> {
    let all = |cut: &dyn Fn(&str) -> String| texts.iter().map(|text| cut(text)).collect();
    let are_apart = |cut: &Vec<String>| {
        let different = |texts: &[String]| texts.iter().collect::<HashSet<_>>().len();
        different(cut) == different(texts)
    };
    let at_end = all(&|text| cut(text, limit));
    if are_apart(&at_end) {
        return at_end;
    }
    let in_middle = all(&|text| {
        let (width, tail) = (measure_text_width(text), limit / 2);
        match width > limit {
            true => {
                let from = text.char_indices().map(|(at, _)| &text[at..]);
                let end = from.into_iter().find(|end| measure_text_width(end) <= tail);
                cut(text, limit - tail) + end.unwrap_or_default()
            }
            false => text.to_owned(),
        }
    });
    match are_apart(&in_middle) {
        true => in_middle,
        false => texts.to_vec(),
    }
}

/// A text cut to `limit` characters of a terminal, with `…` at its end then.
pub fn cut(text: &str, limit: usize) -> String {
    truncate_str(text, limit, "…").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_left_and_numbers_right() {
        let columns = [
            Column::left("task", ["MNIST", "É"].map(String::from)),
            Column::right("loss", ["0.5", "10.25"].map(String::from)),
        ];
        let expected = ["task    loss", "MNIST    0.5", "É      10.25"];
        assert_eq!(lines(&columns), expected);
        assert_eq!(total_width(&columns), 14);
    }

    #[test]
    fn rules_are_as_wide_as_the_table() {
        let columns = [
            Column::left("task", ["a", "mean"].map(String::from)),
            Column::right("loss", ["0.5", "10.25"].map(String::from)),
        ];
        let rule = "─".repeat(11);
        let expected = ["task   loss", &rule, "a       0.5", &rule, "mean  10.25"];
        assert_eq!(ruled(&columns, true), expected);
        assert_eq!(ruled(&columns, false).len(), 4);
    }

    #[test]
    fn a_cut_text_shows_that_it_is() {
        assert_eq!(cut("alphabet", 8), "alphabet");
        assert_eq!(cut("alphabet", 5), "alph…");
    }

    #[test]
    fn cut_texts_stay_different() {
        let cut = |texts: &[&str], limit| {
            let texts: Vec<String> = texts.iter().map(ToString::to_string).collect();
            cut_apart(&texts, limit).join(" ")
        };
        assert_eq!(cut(&["alphabet", "beta"], 5), "alph… beta");
        assert_eq!(
            cut(&["alphabet-1", "alphabet-2", "b"], 6),
            "al…t-1 al…t-2 b"
        );
        assert_eq!(cut(&["alpha1bet", "alpha2bet"], 4), "alpha1bet alpha2bet");
        assert_eq!(cut(&["alphabet", "alphabet"], 4), "alp… alp…");
    }

    #[test]
    fn wide_letters_take_two_places() {
        let names = ["猫", "dog"].map(String::from);
        let columns = [
            Column::left("task", names),
            Column::right("loss", ["1", "2"].map(String::from)),
        ];
        assert_eq!(lines(&columns), ["task  loss", "猫       1", "dog      2"]);
        assert_eq!(total_width(&columns), 12);
    }
}
