//! How a camera was held: the orientation in the EXIF data of an image.

/// How an image is turned and mirrored to be upright, as EXIF numbers it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Orientation {
    /// 1: as it is.
    #[default]
    Upright,
    /// 2: mirrored, left is right.
    Mirrored,
    /// 3: turned by 180 degrees.
    Turned180,
    /// 4: mirrored, top is bottom.
    Flipped,
    /// 5: rows are columns.
    Transposed,
    /// 6: turned by 90 degrees clockwise.
    Turned90,
    /// 7: rows are columns, turned by 180 degrees.
    Transverse,
    /// 8: turned by 90 degrees counter-clockwise.
    Turned270,
}

/// The tag of the orientation.
const TAG: u16 = 0x0112;

/// The type of 16-bit numbers.
const SHORT: u16 = 3;

impl Orientation {
    /// The orientation in EXIF data, a TIFF header and its first directory.
    /// Where there is none, or no such number, the image is upright.
    pub(super) fn of_exif(exif: &[u8]) -> Self {
        match number(exif) {
            Some(2) => Self::Mirrored,
            Some(3) => Self::Turned180,
            Some(4) => Self::Flipped,
            Some(5) => Self::Transposed,
            Some(6) => Self::Turned90,
            Some(7) => Self::Transverse,
            Some(8) => Self::Turned270,
            _ => Self::Upright,
        }
    }

    /// True if the rows of the file are the columns of the upright image.
    pub fn swaps(self) -> bool {
        use Orientation::{Transposed, Transverse, Turned90, Turned270};
        matches!(self, Transposed | Turned90 | Transverse | Turned270)
    }

    /// Where the pixel of the upright image at `row` and `column` is in the
    /// file, whose image has `height` x `width` pixels.
    pub fn source(self, [row, column]: [usize; 2], [height, width]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Upright => [row, column],
            Self::Mirrored => [row, width - 1 - column],
            Self::Turned180 => [height - 1 - row, width - 1 - column],
            Self::Flipped => [height - 1 - row, column],
            Self::Transposed => [column, row],
            Self::Turned90 => [height - 1 - column, row],
            Self::Transverse => [height - 1 - column, width - 1 - row],
            Self::Turned270 => [column, width - 1 - row],
        }
    }
}

fn number(exif: &[u8]) -> Option<u16> {
    let is_little = match exif.get(..4)? {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes = exif.get(at..)?.first_chunk()?;
        Some(match is_little {
            true => u16::from_le_bytes(*bytes),
            false => u16::from_be_bytes(*bytes),
        })
    };
    let offset = exif.get(4..)?.first_chunk()?;
    let directory = match is_little {
        true => u32::from_le_bytes(*offset),
        false => u32::from_be_bytes(*offset),
    } as usize;
    let count = usize::from(short(directory)?);
    let entries = (0..count).map(|entry| directory.checked_add(2 + 12 * entry));
    for at in entries {
        let at = at?;
        if short(at)? == TAG && short(at + 2)? == SHORT {
            return short(at + 8);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_read_in_either_byte_order() {
        #[rustfmt::skip]
        let little = [
            b'I', b'I', 42, 0, 8, 0, 0, 0, 2, 0,
            0x0f, 0x01, 2, 0, 1, 0, 0, 0, 65, 0, 0, 0,
            0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0,
        ];
        assert_eq!(Orientation::of_exif(&little), Orientation::Turned90);
        #[rustfmt::skip]
        let big = [
            b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 1,
            0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 8, 0, 0,
        ];
        assert_eq!(Orientation::of_exif(&big), Orientation::Turned270);
        for len in 0..little.len() - 4 {
            assert_eq!(Orientation::of_exif(&little[..len]), Orientation::Upright);
        }
        let far = [b'I', b'I', 42, 0, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(Orientation::of_exif(&far), Orientation::Upright);
    }

    /// The letter F in a file of 2 columns and 3 rows, as each orientation
    /// stores it.
    #[test]
    fn every_orientation_is_undone() {
        let upright = [[1, 2], [3, 4], [5, 6]];
        let stored: [(Orientation, &[&[u8]]); 8] = [
            (Orientation::Upright, &[&[1, 2], &[3, 4], &[5, 6]]),
            (Orientation::Mirrored, &[&[2, 1], &[4, 3], &[6, 5]]),
            (Orientation::Turned180, &[&[6, 5], &[4, 3], &[2, 1]]),
            (Orientation::Flipped, &[&[5, 6], &[3, 4], &[1, 2]]),
            (Orientation::Transposed, &[&[1, 3, 5], &[2, 4, 6]]),
            (Orientation::Turned90, &[&[2, 4, 6], &[1, 3, 5]]),
            (Orientation::Transverse, &[&[6, 4, 2], &[5, 3, 1]]),
            (Orientation::Turned270, &[&[5, 3, 1], &[6, 4, 2]]),
        ];
        for (orientation, file) in stored {
            let size = [file.len(), file[0].len()];
            assert_eq!(orientation.swaps(), size == [2, 3]);
            for (row, values) in upright.iter().enumerate() {
                for (column, &value) in values.iter().enumerate() {
                    let [r, c] = orientation.source([row, column], size);
                    assert_eq!(file[r][c], value, "{orientation:?}");
                }
            }
        }
    }
}
