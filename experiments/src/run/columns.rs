//! Text in columns.

/// Space between columns.
const GAP: usize = 2;

/// One column: a heading and a cell per row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Heading.
    pub heading: String,
    /// Cells.
    pub cells: Vec<String>,
    is_right: bool,
}

impl Column {
    /// A column of words.
    pub fn left(heading: &str, cells: impl Iterator<Item = String>) -> Self {
        Self {
            heading: heading.to_owned(),
            cells: cells.collect(),
            is_right: false,
        }
    }

    /// A column of numbers.
    pub fn right(heading: &str, cells: impl Iterator<Item = String>) -> Self {
        Self {
            is_right: true,
            ..Self::left(heading, cells)
        }
    }

    fn width(&self) -> usize {
        let texts = self.cells.iter().chain([&self.heading]);
        texts.map(|text| width(text)).max().unwrap_or(0)
    }

    fn pad(&self, text: &str) -> String {
        let space = " ".repeat(self.width() - width(text));
        match self.is_right {
            true => format!("{space}{text}"),
            false => format!("{text}{space}"),
        }
    }
}

/// Width of columns together, each followed by a gap.
pub fn total_width(columns: &[Column]) -> usize {
    columns.iter().map(|column| column.width() + GAP).sum()
}

/// The headings, then the rows.
pub fn lines(columns: &[Column]) -> Vec<String> {
    let rows = columns.iter().map(|column| column.cells.len()).min();
    let headings = line(columns, |column| &column.heading);
    let rows = (0..rows.unwrap_or(0)).map(|row| line(columns, |column| &column.cells[row]));
    [headings].into_iter().chain(rows).collect()
}

fn line<'a>(columns: &'a [Column], text: impl Fn(&'a Column) -> &'a String) -> String {
    let padded = columns.iter().map(|column| column.pad(text(column)));
    let padded: Vec<String> = padded.collect();
    padded.join(&" ".repeat(GAP)).trim_end().to_owned()
}

/// A text cut to `limit` characters.
pub fn cut(text: &str, limit: usize) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{kept}…")
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_left_and_numbers_right() {
        let columns = [
            Column::left("task", ["MNIST", "É"].map(String::from).into_iter()),
            Column::right("loss", ["0.5", "10.25"].map(String::from).into_iter()),
        ];
        let expected = ["task    loss", "MNIST    0.5", "É      10.25"];
        assert_eq!(lines(&columns), expected);
        assert_eq!(total_width(&columns), 14);
    }

    #[test]
    fn a_cut_text_shows_that_it_is() {
        assert_eq!(cut("alphabet", 8), "alphabet");
        assert_eq!(cut("alphabet", 5), "alph…");
    }
}
