//! Tables as text: CSV and what is called so.

use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};

use crate::error::{DataError, TableProblem};

/// Separators that are looked for in the header.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// So many bytes are looked at to tell the separator.
const PREFIX: u64 = 1 << 16;

/// A table in a text file, row by row.
pub(crate) struct TextTable<R> {
    path: PathBuf,
    reader: csv::Reader<io::Chain<Cursor<Vec<u8>>, R>>,
    /// Names of the columns without the spaces around them; empty where a column
    /// has none.
    pub names: Vec<String>,
    /// True if a number may have a decimal comma.
    pub decimal_comma: bool,
    /// 1 below the header where lines end with two characters: the second is
    /// counted with the next line.
    late: u64,
    record: StringRecord,
}

impl<R: Read> TextTable<R> {
    /// Reads the header of `file`, whose name is `path`.
    ///
    /// # Errors
    /// If it is not UTF-8, or two columns have one name.
    pub fn open(path: &Path, mut file: R) -> Result<Self, DataError> {
        let mut prefix = Vec::new();
        let read = file.by_ref().take(PREFIX).read_to_end(&mut prefix);
        read.map_err(|source| DataError::Read {
            path: path.to_owned(),
            source,
        })?;
        let problem = |problem| DataError::table(path, problem);
        if prefix.starts_with(b"\xff\xfe") || prefix.starts_with(b"\xfe\xff") {
            return Err(problem(TableProblem::Encoding { line: 1 }));
        }
        if prefix.starts_with(b"\xef\xbb\xbf") {
            prefix.drain(..3);
        }
        let named = take_separator_line(&mut prefix);
        let is_tsv = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"));
        let separator = match named {
            Some(separator) => separator,
            None if is_tsv => b'\t',
            None => separator_of(&prefix),
        };
        let first = prefix.iter().position(|&byte| byte == b'\n');
        let is_crlf = first.is_some_and(|end| prefix[..end].ends_with(b"\r"));
        let reader = ReaderBuilder::new()
            .delimiter(separator)
            .trim(Trim::All)
            .from_reader(Cursor::new(prefix).chain(file));
        let mut table = Self {
            path: path.to_owned(),
            reader,
            names: Vec::new(),
            decimal_comma: separator != b',',
            late: 0,
            record: StringRecord::new(),
        };
        let header = table.reader.headers().cloned();
        let header = header.map_err(|error| table.wrong(error))?;
        table.late = u64::from(is_crlf);
        table.names = header.iter().map(str::to_owned).collect();
        for (index, name) in table.names.iter().enumerate() {
            if !name.is_empty() && table.names[..index].contains(name) {
                let name = name.clone();
                return Err(problem(TableProblem::SameName { name }));
            }
        }
        Ok(table)
    }

    /// The next row and its line, if there is one.
    ///
    /// # Errors
    /// If it has another number of cells than the header, or is not UTF-8.
    pub fn next(&mut self) -> Result<Option<(u64, &StringRecord)>, DataError> {
        match self.reader.read_record(&mut self.record) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let line = self.record.position().map_or(0, csv::Position::line);
                Ok(Some((line + self.late, &self.record)))
            }
            Err(error) => Err(self.wrong(error)),
        }
    }

    fn wrong(&self, error: csv::Error) -> DataError {
        let line = |position: &Option<csv::Position>| {
            self.late + position.as_ref().map_or(1, csv::Position::line)
        };
        let problem = match error.kind() {
            ErrorKind::Utf8 { pos, .. } => TableProblem::Encoding { line: line(pos) },
            ErrorKind::UnequalLengths {
                pos,
                expected_len,
                len,
            } => TableProblem::Cells {
                line: line(pos),
                found: *len,
                expected: *expected_len,
            },
            _ => {
                let source = io::Error::other(error);
                let path = self.path.clone();
                return DataError::Read { path, source };
            }
        };
        DataError::table(&self.path, problem)
    }
}

/// Takes a first line `sep=;` away, as spreadsheets write it, and gives its
/// separator.
fn take_separator_line(prefix: &mut Vec<u8>) -> Option<u8> {
    let rest = prefix.strip_prefix(b"sep=")?;
    let (separator, rest) = rest.split_first()?;
    let len = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => return None,
    };
    let separator = *separator;
    prefix.drain(..5 + len);
    Some(separator)
}

/// The separator that comes most often in the first line, quotes left out.
fn separator_of(prefix: &[u8]) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut is_quoted = false;
    for &byte in prefix {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => {
                if let Some(found) = SEPARATORS.iter().position(|&separator| separator == byte) {
                    counts[found] += 1;
                }
            }
        }
    }
    let most = (0..SEPARATORS.len())
        .rev()
        .max_by_key(|&index| counts[index]);
    SEPARATORS[most.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(name: &str, text: &[u8]) -> Result<Vec<Vec<String>>, DataError> {
        let mut table = TextTable::open(Path::new(name), text)?;
        let mut rows = vec![table.names.clone()];
        while let Some((_, row)) = table.next()? {
            rows.push(row.iter().map(str::to_owned).collect());
        }
        Ok(rows)
    }

    #[test]
    fn separators_quotes_and_marks_are_understood() {
        let expected = vec![vec!["a", "b"], vec!["1,5", "x\ny"]];
        for (name, text) in [
            ("t.csv", "\u{feff}a,b\n\"1,5\",\"x\ny\"\n"),
            ("t.csv", "a;b\r\n1,5;\"x\ny\"\r\n"),
            ("t.csv", "sep=|\na|b\n1,5|\"x\ny\"\n"),
            ("t.tsv", " a \tb\n1,5\t\"x\ny\"\n\n"),
            ("t.csv", "\"a\";b\n\"1,5\";\"x\ny\""),
        ] {
            assert_eq!(rows(name, text.as_bytes()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_by_its_line() {
        let refused = |text: &[u8]| rows("t.csv", text).unwrap_err().to_string();
        let sentence = refused(b"a,b\n1,2\n\"x\ny\",2\n1,2,3\n");
        assert!(sentence.contains("3 cells in line 5, but 2"), "{sentence}");
        let sentence = refused(b"a,b\r\n1,2\r\n1,2,3\r\n");
        assert!(sentence.contains("3 cells in line 3, but 2"), "{sentence}");
        let sentence = refused(b"a,b\n1,\xe9\n");
        assert!(sentence.contains("not UTF-8 in line 2"), "{sentence}");
        let sentence = refused(b"\xff\xfea\0");
        assert!(sentence.contains("not UTF-8 in line 1"), "{sentence}");
        let sentence = refused(b"a,b,a\n");
        assert!(sentence.contains("two columns named `a`"), "{sentence}");
    }
}
