//! Sets of images that share their pixels: a task picks its own by number.

use std::sync::Arc;

use paramalloc_core::data::{Examples, Targets};

/// Images of one shape, kept as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pictures {
    /// Planes of an image, 3 for red, green and blue.
    pub planes: usize,
    /// Rows, and columns, of an image.
    pub side: usize,
    /// All images, plane by plane, row by row.
    pub pixels: Vec<u8>,
}

impl Pictures {
    /// Bytes of one image.
    pub fn image_len(&self) -> usize {
        self.planes * self.side * self.side
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.pixels.len() / self.image_len().max(1)
    }

    /// True if there are no images.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }
}

/// Some of [`Pictures`], with a class each; a pixel of 255 becomes 1.0.
#[derive(Clone, Debug)]
pub struct PictureSet {
    pictures: Arc<Pictures>,
    chosen: Vec<u32>,
    classes: Vec<u16>,
    repeats: usize,
    padding: usize,
}

impl PictureSet {
    /// The pictures with the numbers `chosen`, of these classes.
    ///
    /// # Panics
    ///
    /// If there are not as many classes as pictures, or a number is too large.
    pub fn new(pictures: Arc<Pictures>, chosen: Vec<u32>, classes: Vec<u16>) -> Self {
        assert_eq!(chosen.len(), classes.len(), "one class per picture");
        let count = pictures.len();
        assert!(chosen.iter().all(|&number| (number as usize) < count));
        Self {
            pictures,
            chosen,
            classes,
            repeats: 1,
            padding: 0,
        }
    }

    /// Gives every plane so many times: 3 makes a colour image of a gray one.
    pub fn repeated(self, repeats: usize) -> Self {
        Self { repeats, ..self }
    }

    /// Changes images in training: `padding` zeros are added on each side,
    /// and a part of the old size is cut out at a random place. Evaluation
    /// sees them as they are.
    pub fn cropped(self, padding: usize) -> Self {
        Self { padding, ..self }
    }

    /// The first `limit` pictures, or all.
    pub fn limited(mut self, limit: Option<usize>) -> Self {
        if let Some(limit) = limit {
            self.chosen.truncate(limit);
            self.classes.truncate(limit);
        }
        self
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
        let (side, padding) = (self.pictures.side, self.padding);
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

impl Examples for PictureSet {
    fn len(&self) -> usize {
        self.classes.len()
    }

    fn targets(&self) -> Targets<'_> {
        Targets::Classes(&self.classes)
    }

    fn write_input(&self, index: usize, augmentation: Option<u64>, input: &mut [f32]) {
        let image_len = self.pictures.image_len();
        let image = &self.pictures.pixels[self.chosen[index] as usize * image_len..][..image_len];
        let area = self.pictures.side * self.pictures.side;
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
    fn pictures() -> Arc<Pictures> {
        Arc::new(Pictures {
            planes: 2,
            side: 3,
            pixels: (1..=36).collect(),
        })
    }

    fn input(set: &PictureSet, index: usize, augmentation: Option<u64>, len: usize) -> Vec<u8> {
        let mut input = vec![9.0; len];
        set.write_input(index, augmentation, &mut input);
        let bytes = input.iter().map(|value| (value * 255.0).round() as u8);
        bytes.collect()
    }

    #[test]
    fn a_set_picks_by_number() {
        let set = PictureSet::new(pictures(), vec![1, 0, 1], vec![7, 8, 9]);
        assert_eq!(set.len(), 3);
        assert_eq!(input(&set, 0, None, 18), (19..=36).collect::<Vec<u8>>());
        assert_eq!(input(&set, 1, Some(5), 18), (1..=18).collect::<Vec<u8>>());
        let set = set.limited(Some(2));
        let Targets::Classes(classes) = set.targets() else {
            panic!("no classes");
        };
        assert_eq!(classes, [7, 8]);
    }

    #[test]
    fn a_gray_plane_is_given_three_times() {
        let gray = Pictures {
            planes: 1,
            ..(*pictures()).clone()
        };
        let set = PictureSet::new(Arc::new(gray), vec![3], vec![0]).repeated(3);
        let plane: Vec<u8> = (28..=36).collect();
        assert_eq!(input(&set, 0, None, 27), plane.repeat(3));
    }

    #[test]
    fn a_crop_moves_all_planes_alike_and_fills_with_zeros() {
        let set = PictureSet::new(pictures(), vec![0], vec![0]).cropped(1);
        assert_eq!(input(&set, 0, None, 18), (1..=18).collect::<Vec<u8>>());
        // The smallest word begins at the upper left of the padded image.
        #[rustfmt::skip]
        assert_eq!(input(&set, 0, Some(0), 18), [
            0, 0, 0,  0, 1, 2,  0, 4, 5,
            0, 0, 0,  0, 10, 11,  0, 13, 14,
        ]);
        #[rustfmt::skip]
        assert_eq!(input(&set, 0, Some(u64::MAX), 18), [
            5, 6, 0,  8, 9, 0,  0, 0, 0,
            14, 15, 0,  17, 18, 0,  0, 0, 0,
        ]);
        // The high half of the word is the row: the last row, the first column.
        #[rustfmt::skip]
        assert_eq!(input(&set, 0, Some(0xffff_ffff_0000_0000), 9 * 2), [
            0, 4, 5,  0, 7, 8,  0, 0, 0,
            0, 13, 14,  0, 16, 17,  0, 0, 0,
        ]);
    }

    #[test]
    fn all_crops_are_equally_likely() {
        use paramalloc_core::random::{Purpose, Random};
        let set = PictureSet::new(pictures(), vec![0], vec![0]).cropped(4);
        let mut stream = Random::new(1).stream(Purpose::Augmentation, 0, 0);
        let mut counts = [[0; 9]; 9];
        for _ in 0..81_000 {
            let [row, column] = set.corner(Some(stream.bits()));
            counts[row][column] += 1;
        }
        // Five deviations of a count of 1000.
        let even = |count: &i32| (840..1160).contains(count);
        assert!(counts.as_flattened().iter().all(even), "{counts:?}");
    }
}
