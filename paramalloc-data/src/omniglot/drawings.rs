//! Drawings of ink on paper, one bit a pixel.

use paramalloc_core::data::Inputs;

/// Rows, and columns, of a drawing.
pub(super) const SIDE: usize = crate::generated::DRAWING_SIDE;

/// Pixels of a drawing.
pub(super) const AREA: usize = SIDE * SIDE;

const BYTES: usize = AREA.div_ceil(8);

/// Drawings of 105 x 105 pixels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawings {
    /// [`BYTES`] per drawing; bit `i % 8` of byte `i / 8` is pixel `i`, 1
    /// where there is ink.
    bits: Vec<u8>,
}

impl Drawings {
    /// Adds a drawing, true where there is ink.
    ///
    /// # Panics
    ///
    /// If it does not have 105 x 105 pixels.
    pub fn push(&mut self, ink: &[bool]) {
        assert_eq!(ink.len(), AREA, "pixels of a drawing");
        let byte = |pixels: &[bool]| {
            let bits = pixels.iter().enumerate();
            bits.fold(0, |byte, (bit, &ink)| byte | u8::from(ink) << bit)
        };
        self.bits.extend(ink.chunks(8).map(byte));
    }

    /// The pixels of drawing `index`, true where there is ink.
    pub fn ink(&self, index: usize) -> impl Iterator<Item = bool> {
        let bytes = &self.bits[index * BYTES..][..BYTES];
        (0..AREA).map(move |pixel| bytes[pixel / 8] >> (pixel % 8) & 1 == 1)
    }
}

/// Ink is read as 1.0, paper as 0.0.
impl Inputs for Drawings {
    fn len(&self) -> usize {
        self.bits.len() / BYTES
    }

    fn input_len(&self) -> usize {
        AREA
    }

    fn write(&self, index: usize, _augmentation: Option<u64>, input: &mut [f32]) {
        for (value, ink) in input.iter_mut().zip(self.ink(index)) {
            *value = f32::from(u8::from(ink));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_comes_back_as_it_was() {
        let patterns: Vec<Vec<bool>> = [3, 7]
            .iter()
            .map(|&n| (0..AREA).map(|pixel| pixel * pixel % n == 1).collect())
            .collect();
        let mut drawings = Drawings::default();
        patterns.iter().for_each(|pattern| drawings.push(pattern));
        assert_eq!(drawings.len(), 2);
        for (index, pattern) in patterns.iter().enumerate() {
            assert!(drawings.ink(index).eq(pattern.iter().copied()));
        }
        let mut input = vec![9.0; AREA];
        drawings.write(1, None, &mut input);
        assert!(
            input
                .iter()
                .zip(&patterns[1])
                .all(|(&v, &ink)| v == f32::from(u8::from(ink)))
        );
    }
}
