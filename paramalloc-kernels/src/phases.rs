//! The images that a dilated window sees: rows and columns that are a multiple
//! of the dilation apart. Over each of them the window is a plain one.

use super::simd::Lane;

/// One of the images that an image falls into.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// Distance of neighboring rows and columns.
    pub step: usize,
    /// First row and column, in the image with its borders.
    pub first: (usize, usize),
    /// Rows and columns of the borders before the image.
    pub before: (usize, usize),
    /// Rows and columns of the image.
    pub size: (usize, usize),
    /// Rows and columns of the phase.
    pub len: (usize, usize),
}

impl Phase {
    /// Values of this many channels.
    pub fn values(&self, channels: usize) -> usize {
        channels * self.len.0 * self.len.1
    }

    /// Copies the phase of `x`, with zeros for the borders.
    pub fn take(&self, channels: usize, x: &[Lane], out: &mut [Lane]) {
        let out = &mut out[..self.values(channels)];
        out.fill(Lane::ZERO);
        self.each(channels, |cell, place| out[place] = x[cell]);
    }

    /// Puts the phase where it is in `y`.
    pub fn put(&self, channels: usize, phase: &[Lane], y: &mut [Lane]) {
        self.each(channels, |cell, place| y[cell] = phase[place]);
    }

    /// Adds the phase where it is in `y`.
    pub fn add(&self, channels: usize, phase: &[Lane], y: &mut [Lane]) {
        self.each(channels, |cell, place| {
            for (sum, value) in y[cell].0.iter_mut().zip(phase[place].0) {
                *sum += value;
            }
        });
    }

    /// Calls `copy` with the place of each cell in the image and in the phase.
    #[inline(always)]
    fn each(&self, channels: usize, mut copy: impl FnMut(usize, usize)) {
        let (rows, columns) = (self.inside(0), self.inside(1));
        for channel in 0..channels {
            for row in rows.clone() {
                let image_row = self.first.0 + row * self.step - self.before.0;
                let from = (channel * self.size.0 + image_row) * self.size.1;
                let to = (channel * self.len.0 + row) * self.len.1;
                for column in columns.clone() {
                    let image_column = self.first.1 + column * self.step - self.before.1;
                    copy(from + image_column, to + column);
                }
            }
        }
    }

    /// The rows (axis 0) or columns of the phase that lie in the image.
    fn inside(&self, axis: usize) -> std::ops::Range<usize> {
        let of = |pair: (usize, usize)| if axis == 0 { pair.0 } else { pair.1 };
        let (first, before) = (of(self.first), of(self.before));
        let start = before.saturating_sub(first).div_ceil(self.step);
        let behind = before + of(self.size);
        let end = behind.saturating_sub(first).div_ceil(self.step);
        start..end.min(of(self.len)).max(start)
    }
}
