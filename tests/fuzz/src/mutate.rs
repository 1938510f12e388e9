//! Changes to an input: of single bits, of numbers and tokens of texts, of whole
//! stretches.

use crate::draws::Draws;

/// The parts of an input, of which some are packed into a container.
pub type Parts = Vec<Vec<u8>>;

/// No part grows beyond this.
const LONGEST: usize = 1 << 16;

/// Bytes at the edges of what formats mean by them.
const BYTES: &[u8] = b"\0\x01\x7f\x80\xff\"'{}[](),:;\n\r\t\\-.+eE0129 LlNn<>=|#/\x1b\xef\xbb\xbf";

/// Numbers as texts at the edges of types and ranges.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "3",
    "7",
    "8",
    "10",
    "99",
    "127",
    "128",
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "0.5",
    "-0.0",
    "1.0",
    "0.1",
    "1e308",
    "-1e308",
    "1e-320",
    "1e400",
    "3.5e38",
    "1.7976931348623157e308",
    "00",
    "0x10",
    "1_000",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "100000",
    "1000000000",
    "123456789012",
];

/// Values that JSON, TOML and Python write.
const TOKENS: &[&str] = &[
    "null",
    "true",
    "false",
    "True",
    "False",
    "[]",
    "{}",
    "[[]]",
    "()",
    "\"\"",
    "''",
    "\"\\u0000\"",
    "\"\\u001b[2J\"",
    "\"\\ud800\"",
    "[null]",
    "{\"\":{}}",
    "[0.5]",
    "[[1,0],[0,1]]",
    "\"<f4\"",
    "'|O'",
    "(3,)",
    "nan",
    "NA",
    "\"a\nb\"",
];

/// Applies some changes to `parts`. `other` is another input of the same kind.
pub fn mutate(parts: &mut Parts, other: &Parts, draws: &mut Draws) {
    for _ in 0..=draws.below(4) {
        let index = draws.below(parts.len());
        let from = other.get(index).map_or(&[][..], Vec::as_slice);
        change(&mut parts[index], from, draws);
        parts[index].truncate(LONGEST.max(other.get(index).map_or(0, Vec::len)));
    }
}

/// Changes packed bytes, whose checksums are then wrong most often.
pub fn spoil(bytes: &mut Vec<u8>, draws: &mut Draws) {
    for _ in 0..=draws.below(3) {
        change(bytes, &[], draws);
    }
}

fn change(bytes: &mut Vec<u8>, other: &[u8], draws: &mut Draws) {
    let len = bytes.len();
    let at = draws.below(len.max(1)).min(len);
    match draws.below(14) {
        0 | 1 if len > 0 => bytes[at] ^= 1 << draws.below(8),
        2 if len > 0 => bytes[at] = *draws.of(BYTES),
        3 if len > 0 => bytes[at] = draws.byte(),
        4 => binary_number(bytes, at, draws),
        5 => {
            let inserted: Vec<u8> = (0..=draws.below(8)).map(|_| *draws.of(BYTES)).collect();
            bytes.splice(at..at, inserted);
        }
        6 => drop(bytes.drain(range(bytes, draws))),
        7 => {
            let range = range(bytes, draws);
            let copy = bytes[range].to_vec();
            bytes.splice(at..at, copy);
        }
        8 => bytes.truncate(at),
        9 | 10 => replace(bytes, NUMBERS, is_numeric, draws),
        11 => replace(bytes, TOKENS, is_of_token, draws),
        12 if !other.is_empty() => {
            let taken = other[range(other, draws)].to_vec();
            let replaced = range(bytes, draws);
            bytes.splice(replaced, taken);
        }
        _ => {
            let range = range(bytes, draws);
            let copy = bytes[range].to_vec();
            let times = 1 + draws.below(64);
            bytes.splice(at..at, copy.repeat(times));
        }
    }
}

/// A short stretch of some bytes, seldom a long one.
fn range(bytes: &[u8], draws: &mut Draws) -> std::ops::Range<usize> {
    let start = draws.below(bytes.len());
    let left = bytes.len() - start;
    let most = match draws.below(8) {
        0 => left,
        _ => left.min(32),
    };
    start..start + draws.below(most + 1)
}

/// Writes a number of 1 to 8 bytes at the edge of its range, in either order.
fn binary_number(bytes: &mut [u8], at: usize, draws: &mut Draws) {
    let width = *draws.of(&[1, 2, 4, 8]);
    let Some(place) = bytes.get_mut(at..at + width) else {
        return;
    };
    let most = u64::MAX >> (64 - 8 * width);
    let edges = [
        0,
        1,
        most,
        most >> 1,
        (most >> 1) + 1,
        1 << draws.below(8 * width),
    ];
    let near = draws.below(3) as u64;
    let number = draws.of(&edges).wrapping_add(near).wrapping_sub(1);
    let written = match draws.below(2) {
        0 => number.to_le_bytes()[..width].to_vec(),
        _ => number.to_be_bytes()[8 - width..].to_vec(),
    };
    place.copy_from_slice(&written);
}

fn is_numeric(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E')
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'"' | b'\'' | b'_' | b'.' | b'-')
}

/// Replaces a token by one of others.
fn replace(bytes: &mut Vec<u8>, by: &[&str], is_of: fn(u8) -> bool, draws: &mut Draws) {
    let start = draws.below(bytes.len());
    let Some(start) = (start..bytes.len()).find(|&at| is_of(bytes[at])) else {
        return;
    };
    let end = (start..bytes.len()).find(|&at| !is_of(bytes[at]));
    let token = draws.of(by).bytes();
    bytes.splice(start..end.unwrap_or(bytes.len()), token);
}
