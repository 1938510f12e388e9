//! NumPy's array files: a header, a Python dictionary, and the entries.

use std::io::{self, Read};

use paramalloc_core::text::escaped;
use thiserror::Error;

/// What an array file starts with.
const START: &[u8] = b"\x93NUMPY";

/// Headers are refused beyond this many bytes; NumPy's own limit is 10,000.
const MAX_HEADER: usize = 1 << 20;

/// So many characters of a type are shown.
const LONGEST_SHOWN: usize = 200;

/// Entries are read in blocks of so many.
const BLOCK: usize = 4096;

/// What an array holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Type of an entry; nothing for records and other types without a number.
    pub entry: Option<EntryType>,
    /// The type as NumPy writes it, `'<f4'` for example.
    pub description: String,
    /// True if the first index runs fastest.
    pub is_fortran: bool,
    /// Size of each dimension.
    pub shape: Vec<usize>,
}

/// Type of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryType {
    /// Its kind.
    pub kind: Kind,
    /// Bytes of it.
    pub bytes: usize,
    is_big_endian: bool,
}

/// Kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `False` or `True`, one byte.
    Bool,
    /// A signed integer.
    Int,
    /// An unsigned integer.
    Uint,
    /// A floating-point number.
    Float,
}

/// Why the header of an array cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub(crate) enum HeaderError {
    /// The file starts with other bytes.
    #[error("it does not start as an array")]
    Start,
    /// The version of the format is another one.
    #[error("its format is version {0}, but versions 1 to 3 are read")]
    Version(u8),
    /// The header is too long.
    #[error("its header has {0} bytes, but may have {MAX_HEADER}")]
    TooLong(usize),
    /// The dictionary is not one that NumPy writes.
    #[error("its header cannot be read at byte {0}")]
    Syntax(usize),
    /// The dictionary lacks an entry.
    #[error("its header has no `{0}`")]
    Missing(&'static str),
    /// The file ends, or cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
}

impl Header {
    /// Reads the header; `file` then gives the entries.
    ///
    /// # Errors
    /// If it is not as NumPy writes it.
    pub fn read(file: &mut impl Read) -> Result<Self, HeaderError> {
        let mut start = [0; 8];
        file.read_exact(&mut start)?;
        if !start.starts_with(START) {
            return Err(HeaderError::Start);
        }
        let len = match start[6] {
            1 => {
                let mut len = [0; 2];
                file.read_exact(&mut len)?;
                u16::from_le_bytes(len).into()
            }
            2 | 3 => {
                let mut len = [0; 4];
                file.read_exact(&mut len)?;
                u32::from_le_bytes(len) as usize
            }
            version => return Err(HeaderError::Version(version)),
        };
        if len > MAX_HEADER {
            return Err(HeaderError::TooLong(len));
        }
        let mut text = vec![0; len];
        file.read_exact(&mut text)?;
        Parser { text: &text, at: 0 }.header()
    }

    /// Number of entries, if it fits.
    pub fn len(&self) -> Option<usize> {
        let mut sizes = self.shape.iter();
        sizes.try_fold(1_usize, |product, &size| product.checked_mul(size))
    }

    /// Letters of each text, of four bytes each, if the entries are texts in
    /// little-endian order.
    pub fn letters(&self) -> Option<usize> {
        let inner = self.description.trim_matches(['\'', '"']);
        inner.strip_prefix("<U")?.parse().ok()
    }

    /// Reads all entries, of `N` bytes each, and gives each in little-endian
    /// order to `push`.
    ///
    /// # Errors
    /// If the file ends before, or cannot be read.
    pub fn entries<const N: usize>(
        &self,
        file: &mut impl Read,
        mut push: impl FnMut([u8; N]),
    ) -> io::Result<()> {
        let is_big_endian = self.entry.is_some_and(|entry| entry.is_big_endian);
        let mut left = self.len().unwrap_or(0);
        let mut block = vec![[0; N]; left.min(BLOCK)];
        while left > 0 {
            let count = left.min(BLOCK);
            file.read_exact(block[..count].as_flattened_mut())?;
            for entry in &mut block[..count] {
                if is_big_endian {
                    entry.reverse();
                }
                push(*entry);
            }
            left -= count;
        }
        Ok(())
    }
}

/// Reads the dictionary: strings, `True`, `False`, and tuples of integers.
struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn header(mut self) -> Result<Header, HeaderError> {
        let (mut description, mut is_fortran, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while self.peek() != Some(b'}') {
            let key = self.string()?;
            self.expect(b':')?;
            match &key[..] {
                b"descr" => description = Some(self.raw()?),
                b"fortran_order" => is_fortran = Some(self.boolean()?),
                b"shape" => shape = Some(self.sizes()?),
                _ => return Err(self.error()),
            }
            if self.peek() != Some(b'}') {
                self.expect(b',')?;
            }
        }
        let description = description.ok_or(HeaderError::Missing("descr"))?;
        Ok(Header {
            entry: entry_type(&description),
            description,
            is_fortran: is_fortran.ok_or(HeaderError::Missing("fortran_order"))?,
            shape: shape.ok_or(HeaderError::Missing("shape"))?,
        })
    }

    fn error(&self) -> HeaderError {
        HeaderError::Syntax(self.at)
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text[self.at..];
        let spaces = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
        self.at += spaces.count();
        self.text.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), HeaderError> {
        if self.peek() != Some(byte) {
            return Err(self.error());
        }
        self.at += 1;
        Ok(())
    }

    /// What is between quotes.
    fn string(&mut self) -> Result<Vec<u8>, HeaderError> {
        let quote = self.peek().filter(|byte| matches!(byte, b'\'' | b'"'));
        let quote = quote.ok_or_else(|| self.error())?;
        let rest = &self.text[self.at + 1..];
        let len = rest.iter().position(|&byte| byte == quote);
        let string = rest[..len.ok_or_else(|| self.error())?].to_vec();
        self.at += string.len() + 2;
        Ok(string)
    }

    /// A value as it is written: a string, or a list of records.
    fn raw(&mut self) -> Result<String, HeaderError> {
        let before = self.peek();
        let start = self.at;
        if before == Some(b'[') {
            let mut depth = 0;
            loop {
                match self.peek().ok_or_else(|| self.error())? {
                    b'\'' | b'"' => {
                        self.string()?;
                        continue;
                    }
                    b'[' => depth += 1,
                    b']' => depth -= 1,
                    _ => {}
                }
                self.at += 1;
                if depth == 0 {
                    break;
                }
            }
        } else {
            self.string()?;
        }
        Ok(shown(&self.text[start..self.at]))
    }

    fn boolean(&mut self) -> Result<bool, HeaderError> {
        self.peek();
        for (word, value) in [("True", true), ("False", false)] {
            if self.text[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.error())
    }

    /// A tuple of integers; Python 2 writes `12L` for some.
    fn sizes(&mut self) -> Result<Vec<usize>, HeaderError> {
        let mut sizes = Vec::new();
        self.expect(b'(')?;
        while self.peek() != Some(b')') {
            let rest = &self.text[self.at..];
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
            let digits = &rest[..digits.count()];
            let size = str::from_utf8(digits)
                .ok()
                .and_then(|text| text.parse().ok());
            sizes.push(size.ok_or_else(|| self.error())?);
            self.at += digits.len();
            if matches!(self.text.get(self.at), Some(b'L' | b'l')) {
                self.at += 1;
            }
            if self.peek() != Some(b')') {
                self.expect(b',')?;
            }
        }
        self.at += 1;
        Ok(sizes)
    }
}

/// A value for people: without control characters, and not too long.
fn shown(value: &[u8]) -> String {
    let mut text = escaped(&String::from_utf8_lossy(value)).into_owned();
    if let Some((end, _)) = text.char_indices().nth(LONGEST_SHOWN) {
        text.truncate(end);
        text += "..";
    }
    text
}

/// The type that NumPy writes as `'<f4'`.
fn entry_type(description: &str) -> Option<EntryType> {
    let inner = description.trim_matches(['\'', '"']);
    let (order, rest) = inner.split_at_checked(1)?;
    let (kind, bytes) = rest.split_at_checked(1)?;
    let kind = match kind {
        "b" => Kind::Bool,
        "i" => Kind::Int,
        "u" => Kind::Uint,
        "f" => Kind::Float,
        _ => return None,
    };
    let is_big_endian = match order {
        "<" | "|" => false,
        ">" => true,
        "=" => cfg!(target_endian = "big"),
        _ => return None,
    };
    Some(EntryType {
        kind,
        bytes: bytes.parse().ok()?,
        is_big_endian,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of format 1 with this header, then `entries`.
    fn file(header: &str, entries: &[u8]) -> Vec<u8> {
        let len = (header.len() as u16).to_le_bytes();
        [START, &[1, 0], &len, header.as_bytes(), entries].concat()
    }

    fn read(header: &str) -> Result<Header, HeaderError> {
        Header::read(&mut &file(header, &[])[..])
    }

    #[test]
    fn headers_of_old_and_new_numpy_are_read() {
        for header in [
            "{'descr': '<f4', 'fortran_order': False, 'shape': (12, 3), }          \n",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (12L, 3L), }\n",
            "{\"shape\":(12,3,),\"fortran_order\":False,\"descr\":'<f4'}",
        ] {
            let header = read(header).unwrap();
            assert_eq!(
                (&header.shape[..], header.is_fortran),
                (&[12, 3][..], false)
            );
            assert_eq!(header.description.trim_matches(['\'', '"']), "<f4");
            let entry = header.entry.unwrap();
            assert_eq!((entry.kind, entry.bytes), (Kind::Float, 4));
        }
        let scalar = read("{'descr': '|b1', 'fortran_order': True, 'shape': ()}").unwrap();
        assert_eq!((scalar.len(), scalar.is_fortran), (Some(1), true));
        let records = "[('a', '<f4'), ('b]', '<i2', (2,))]";
        let header = format!("{{'descr': {records}, 'fortran_order': False, 'shape': (5,)}}");
        let header = read(&header).unwrap();
        assert_eq!((header.entry, &header.description[..]), (None, records));
    }

    #[test]
    fn types_are_shown_without_control_characters_and_not_at_length() {
        let header = |entry: &str| {
            let rest = "'fortran_order': False, 'shape': (1,)";
            read(&format!("{{'descr': '{entry}', {rest}}}")).unwrap()
        };
        assert_eq!(header("<f4\x1b[2J\n").description, "'<f4\\u{1b}[2J\\n'");
        let long = header(&"f".repeat(5000)).description;
        assert_eq!(
            (long.len(), long.ends_with("..")),
            (LONGEST_SHOWN + 2, true)
        );
    }

    #[test]
    fn longer_lengths_are_those_of_format_2() {
        let header = "{'descr': '>i2', 'fortran_order': False, 'shape': (2,)}";
        let len = (header.len() as u32).to_le_bytes();
        let file = [START, &[2, 0], &len, header.as_bytes(), &[1, 2, 0xff, 0xfe]].concat();
        let mut file = &file[..];
        let header = Header::read(&mut file).unwrap();
        let mut values = Vec::new();
        header
            .entries(&mut file, |entry| values.push(i16::from_le_bytes(entry)))
            .unwrap();
        assert_eq!(values, [0x0102, -2]);
    }

    #[test]
    fn entries_of_many_blocks_are_read_and_no_more() {
        let count = 2 * BLOCK + 7;
        let header = format!("{{'descr': '<u2', 'fortran_order': False, 'shape': ({count},)}}");
        let entries: Vec<u8> = (0..count as u16).flat_map(u16::to_le_bytes).collect();
        let mut whole = file(&header, &entries);
        whole.extend([9; 5]);
        let values = |mut file: &[u8]| {
            let header = Header::read(&mut file).unwrap();
            let mut values = Vec::new();
            let read = header.entries(&mut file, |entry| values.push(u16::from_le_bytes(entry)));
            read.map(|()| values)
        };
        assert!(values(&whole).unwrap().into_iter().eq(0..count as u16));
        let short = &whole[..whole.len() - 6];
        assert_eq!(
            values(short).unwrap_err().kind(),
            io::ErrorKind::UnexpectedEof
        );
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for header in [
            "",
            "{",
            "{'descr': '<f4'",
            "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
            "{'descr': [('a', '<f4'), 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        ] {
            assert!(read(header).is_err(), "{header}");
        }
        let huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999)}";
        assert_eq!(read(huge).unwrap().len(), None);
        assert!(matches!(
            Header::read(&mut &b"\x93NUMPY\x04\0\0\0"[..]),
            Err(HeaderError::Version(4))
        ));
        assert!(matches!(
            Header::read(&mut &b"\x93NUMPY\x02\0\xff\xff\xff\xff"[..]),
            Err(HeaderError::TooLong(0xffff_ffff))
        ));
    }
}
