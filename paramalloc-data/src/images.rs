//! Square images of bytes, which are cropped at random in training.

use std::sync::Arc;

use paramalloc_core::data::{ByteInputs, Examples, Inputs};

use crate::error::DataError;

/// Images of one size with a class each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabeledImages {
    /// Bytes of one image: channels x rows x columns.
    pub image_len: usize,
    /// All images, one after the other.
    pub pixels: Vec<u8>,
    /// One class per image.
    pub classes: Vec<u16>,
}

impl LabeledImages {
    /// What training reads; a pixel of 255 becomes 1.0.
    ///
    /// # Errors
    /// If there are not as many images as classes.
    pub fn into_examples(self) -> Result<Examples, DataError> {
        let inputs = ByteInputs::new(self.image_len, self.pixels)?;
        Ok(Examples::new(Arc::new(inputs), self.classes)?)
    }
}

/// Square images of one size, one byte per value: a byte of 255 is read as
/// 1.0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    channels: usize,
    side: usize,
    pixels: Vec<u8>,
    repeats: usize,
    padding: usize,
}

impl Images {
    /// Images of `channels` x `side` x `side` pixels in `pixels`, one after
    /// the other, channel by channel, row by row.
    ///
    /// # Panics
    /// If an image has no pixels, or `pixels` does not end with a whole image.
    pub fn new(channels: usize, side: usize, pixels: Vec<u8>) -> Self {
        let len = channels * side * side;
        assert!(
            len > 0 && pixels.len().is_multiple_of(len),
            "{} bytes are not images of {channels} x {side} x {side}",
            pixels.len()
        );
        Self {
            channels,
            side,
            pixels,
            repeats: 1,
            padding: 0,
        }
    }

    /// Gives every channel so many times: 3 makes a color image of a gray one.
    pub fn repeated(self, repeats: usize) -> Self {
        Self { repeats, ..self }
    }

    /// Changes images in training: `padding` zeros are added on each side,
    /// and a part of the old size is cut out at a random place. Evaluation
    /// sees them as they are.
    pub fn cropped(self, padding: usize) -> Self {
        Self { padding, ..self }
    }

    /// Where the crop begins in the padded image, row and column, both
    /// `0..=2 * padding`: one half of the random word each.
    fn corner(&self, augmentation: Option<u64>) -> [usize; 2] {
        let Some(word) = augmentation else {
            return [self.padding; 2];
        };
        let places = 2 * self.padding as u64 + 1;
        let place = |half: u64| ((half * places) >> 32) as usize;
        [place(word >> 32), place(word & u64::from(u32::MAX))]
    }

    /// Writes a plane shifted so that `corner` of the padded plane comes
    /// first; what lies outside of the plane is 0.
    fn write_plane(&self, plane: &[u8], [top, left]: [usize; 2], output: &mut [f32]) {
        let (side, padding) = (self.side, self.padding);
        output.fill(0.0);
        // Pixel (r, c) of the output is (r + top - padding, ..) of the plane.
        let rows = padding.saturating_sub(top)..side.min(side + padding - top);
        let first = padding.saturating_sub(left);
        let end = side.min(side + padding - left);
        for row in rows {
            let from = (row + top - padding) * side + first + left - padding;
            let pixels = &plane[from..from + end - first];
            let output = &mut output[row * side + first..row * side + end];
            for (value, &byte) in output.iter_mut().zip(pixels) {
                *value = f32::from(byte) * (1.0 / 255.0);
            }
        }
    }
}

impl Inputs for Images {
    fn len(&self) -> usize {
        self.pixels.len() / (self.channels * self.side * self.side)
    }

    fn input_len(&self) -> usize {
        self.channels * self.side * self.side * self.repeats
    }

    fn write(&self, index: usize, augmentation: Option<u64>, input: &mut [f32]) {
        let area = self.side * self.side;
        let image_len = self.channels * area;
        let image = &self.pixels[index * image_len..][..image_len];
        let corner = self.corner(augmentation);
        let mut outputs = input.chunks_exact_mut(area);
        for plane in image.chunks_exact(area) {
            for output in outputs.by_ref().take(self.repeats) {
                self.write_plane(plane, corner, output);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two images of 2 planes of 3 x 3; pixel values tell them apart.
    fn images() -> Images {
        Images::new(2, 3, (1..=36).collect())
    }

    fn input(images: &Images, index: usize, augmentation: Option<u64>, len: usize) -> Vec<u8> {
        assert_eq!(images.input_len(), len);
        let mut input = vec![9.0; len];
        images.write(index, augmentation, &mut input);
        let bytes = input.iter().map(|value| (value * 255.0).round() as u8);
        bytes.collect()
    }

    #[test]
    fn an_image_is_written_by_its_index() {
        let images = images();
        assert_eq!(images.len(), 2);
        assert_eq!(input(&images, 1, None, 18), (19..=36).collect::<Vec<u8>>());
        let first: Vec<u8> = (1..=18).collect();
        assert_eq!(input(&images, 0, Some(5), 18), first);
    }

    #[test]
    fn a_gray_plane_is_given_three_times() {
        let gray = Images::new(1, 3, (1..=36).collect()).repeated(3);
        let plane: Vec<u8> = (28..=36).collect();
        assert_eq!(input(&gray, 3, None, 27), plane.repeat(3));
    }

    #[test]
    fn a_crop_moves_all_planes_alike_and_fills_with_zeros() {
        let images = images().cropped(1);
        assert_eq!(input(&images, 0, None, 18), (1..=18).collect::<Vec<u8>>());
        // The smallest word begins at the upper left of the padded image.
        #[rustfmt::skip]
        assert_eq!(input(&images, 0, Some(0), 18), [
            0, 0, 0,  0, 1, 2,  0, 4, 5,
            0, 0, 0,  0, 10, 11,  0, 13, 14,
        ]);
        #[rustfmt::skip]
        assert_eq!(input(&images, 0, Some(u64::MAX), 18), [
            5, 6, 0,  8, 9, 0,  0, 0, 0,
            14, 15, 0,  17, 18, 0,  0, 0, 0,
        ]);
        // The high half of the word is the row: the last row, the first column.
        #[rustfmt::skip]
        assert_eq!(input(&images, 0, Some(0xffff_ffff_0000_0000), 9 * 2), [
            0, 4, 5,  0, 7, 8,  0, 0, 0,
            0, 13, 14,  0, 16, 17,  0, 0, 0,
        ]);
    }

    #[test]
    fn all_crops_are_equally_likely() {
        use paramalloc_core::random::{Purpose, Random};
        let images = images().cropped(4);
        let mut stream = Random::new(1).stream(Purpose::Augmentation, 0, 0);
        let mut counts = [[0; 9]; 9];
        for _ in 0..81_000 {
            let [row, column] = images.corner(Some(stream.bits()));
            counts[row][column] += 1;
        }
        // Five deviations of a count of 1000.
        let even = |count: &i32| (840..1160).contains(count);
        assert!(counts.as_flattened().iter().all(even), "{counts:?}");
    }
}
