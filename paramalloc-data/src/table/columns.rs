//! A whole table in memory, column by column.

use std::collections::HashMap;
use std::path::Path;

use super::cell::{Cell, has_decimal_comma, has_decimal_point};
use super::text::TextTable;
use crate::error::{DataError, TableProblem};

/// The code of a text that is missing.
const NO_TEXT: u32 = u32::MAX;

/// A table in memory.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Columns {
    /// The columns in the order of the file.
    pub columns: Vec<Column>,
    /// The line of each row.
    pub lines: Vec<u64>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// Its name; empty where it has none.
    pub name: String,
    /// Its cells.
    pub cells: Cells,
}

/// The cells of a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cells {
    /// Numbers; NaN where one is missing.
    Numbers(Vec<f64>),
    /// Indices of texts; numbers among them are texts, too.
    Texts {
        /// The index of each row's text.
        codes: Vec<u32>,
        /// The texts, as they come in the table.
        texts: Vec<String>,
        /// The first row whose text is no number.
        first: usize,
    },
}

impl Column {
    /// The cell of a row.
    pub fn cell(&self, row: usize) -> Cell<'_> {
        match &self.cells {
            Cells::Numbers(values) if values[row].is_nan() => Cell::Missing,
            Cells::Numbers(values) => Cell::Number(values[row]),
            Cells::Texts { codes, texts, .. } => match codes[row] {
                NO_TEXT => Cell::Missing,
                code => Cell::Text(&texts[code as usize]),
            },
        }
    }

    /// The cell of a row as it may be shown.
    pub fn shown(&self, row: usize) -> String {
        match self.cell(row) {
            Cell::Missing => String::new(),
            Cell::Number(number) => number.to_string(),
            Cell::Text(text) => text.to_owned(),
        }
    }
}

impl Columns {
    /// Reads a whole file of text.
    ///
    /// # Errors
    /// If it is no table, or has no rows.
    #[cfg(test)]
    pub fn of_text(path: &Path, bytes: &[u8]) -> Result<Self, DataError> {
        Self::of_text_as(path, bytes, &[])
    }

    /// The same; columns of these names are text, whatever is in them.
    pub fn of_text_as(path: &Path, bytes: &[u8], as_text: &[&str]) -> Result<Self, DataError> {
        let mut is_text = texts(path, bytes)?;
        let mut table = TextTable::open(path, bytes)?;
        let names = table.names.clone();
        for (is_text, name) in is_text.iter_mut().zip(&names) {
            *is_text |= as_text.contains(&name.as_str());
        }
        let mut builders: Vec<Builder> = is_text.iter().map(|&is| Builder::new(is)).collect();
        let mut lines = Vec::new();
        let decimal_comma = table.decimal_comma;
        while let Some((line, record)) = table.next()? {
            for (builder, text) in builders.iter_mut().zip(record) {
                builder.push(text, decimal_comma);
            }
            lines.push(line);
        }
        let columns = names.into_iter().zip(builders);
        Ok(Self {
            columns: columns
                .map(|(name, builder)| Column {
                    name,
                    cells: builder.cells,
                })
                .collect(),
            lines,
        })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// Names of the columns that have one.
    pub fn names(&self) -> Vec<String> {
        let named = self.columns.iter().filter(|column| !column.name.is_empty());
        named.map(|column| column.name.clone()).collect()
    }

    /// Index of the column with a name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// Which columns have a cell that is neither missing nor a number.
fn texts(path: &Path, bytes: &[u8]) -> Result<Vec<bool>, DataError> {
    let mut table = TextTable::open(path, bytes)?;
    let mut is_text = vec![false; table.names.len()];
    let decimal_comma = table.decimal_comma;
    let (mut comma, mut point, mut rows) = (None, None, 0_usize);
    while let Some((line, record)) = table.next()? {
        rows += 1;
        for (is_text, text) in is_text.iter_mut().zip(record) {
            let cell = Cell::read(text, decimal_comma);
            *is_text |= matches!(cell, Cell::Text(_));
            if decimal_comma && matches!(cell, Cell::Number(_)) {
                comma = comma.or_else(|| has_decimal_comma(text).then_some(line));
                point = point.or_else(|| has_decimal_point(text).then_some(line));
            }
        }
    }
    match (comma, point) {
        _ if rows == 0 => Err(DataError::table(path, TableProblem::NoRows)),
        (Some(comma), Some(point)) => Err(DataError::table(
            path,
            TableProblem::Decimals { comma, point },
        )),
        _ => Ok(is_text),
    }
}

/// Gathers the cells of a column.
struct Builder {
    cells: Cells,
    codes_of: HashMap<String, u32>,
}

impl Builder {
    fn new(is_text: bool) -> Self {
        Self {
            cells: match is_text {
                false => Cells::Numbers(Vec::new()),
                true => Cells::Texts {
                    codes: Vec::new(),
                    texts: Vec::new(),
                    first: usize::MAX,
                },
            },
            codes_of: HashMap::new(),
        }
    }

    fn push(&mut self, text: &str, decimal_comma: bool) {
        let cell = Cell::read(text, decimal_comma);
        match &mut self.cells {
            Cells::Numbers(values) => values.push(match cell {
                Cell::Number(number) => number,
                _ => f64::NAN,
            }),
            Cells::Texts {
                codes,
                texts,
                first,
            } => {
                if matches!(cell, Cell::Text(_)) {
                    *first = (*first).min(codes.len());
                }
                codes.push(match (cell, self.codes_of.get(text)) {
                    (Cell::Missing, _) => NO_TEXT,
                    (_, Some(code)) => *code,
                    (_, None) => {
                        let code = texts.len() as u32;
                        texts.push(text.to_owned());
                        self.codes_of.insert(text.to_owned(), code);
                        code
                    }
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str) -> Result<Columns, DataError> {
        Columns::of_text(Path::new("t.csv"), text.as_bytes())
    }

    #[test]
    fn a_column_is_of_numbers_or_of_text() {
        let table = columns("a,b,c\n1,x,\n,7,\n2.5,x,NA\n").unwrap();
        let [a, b, c] = &table.columns[..] else {
            panic!("three columns");
        };
        let cells = |column: &Column| -> Vec<String> { (0..3).map(|i| column.shown(i)).collect() };
        assert_eq!(cells(a), ["1", "", "2.5"]);
        assert_eq!(cells(b), ["x", "7", "x"]);
        assert!(matches!(&b.cells, Cells::Texts { texts, first: 0, .. } if texts.len() == 2));
        assert!(matches!(c.cell(2), Cell::Missing));
        assert_eq!(table.lines, [2, 3, 4]);
    }

    #[test]
    fn numbers_are_written_in_one_way() {
        let table = columns("a;b\n1,5;2\n0,25;3\n").unwrap();
        assert!(matches!(&table.columns[0].cells, Cells::Numbers(v) if v[..] == [1.5, 0.25]));
        let sentence = columns("a;b\n1,5;2\n2;0.5\n").unwrap_err().to_string();
        assert!(sentence.contains("comma in line 2"), "{sentence}");
        assert!(sentence.contains("point in line 3"), "{sentence}");
        let sentence = columns("a,b\n").unwrap_err().to_string();
        assert!(sentence.contains("no rows"), "{sentence}");
    }
}
