//! The pixels of an image file.

use std::error::Error;

use super::orientation::Orientation;

/// The most bytes that the pixels of an image file may take: an image of
/// 13,000 x 13,000 pixels in color.
pub(crate) const MAX_PIXEL_BYTES: u64 = 512 << 20;

/// The pixels of an image file, without transparency.
#[derive(Debug)]
pub(crate) struct Raster {
    /// Pixels of a row.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
    /// 1 for gray, 3 for red, green and blue.
    pub channels: usize,
    /// Row by row, the channels of a pixel side by side.
    pub pixels: Vec<u8>,
    /// How the file says that the image must be turned to be upright.
    pub orientation: Orientation,
    /// The largest value of a file of 16 bits per value, of 65535.
    pub max_of_16_bits: Option<u16>,
}

/// Why a decoder gives no image.
pub(super) enum Failure {
    /// The pixels would take so many bytes.
    TooLarge(u64),
    /// The decoder says this.
    Broken(Box<dyn Error + Send + Sync>),
}

impl Failure {
    pub(super) fn broken(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Broken(error.into())
    }
}

/// The bytes that pixels take, if there are any and not too many.
pub(super) fn pixel_bytes(width: usize, height: usize, bytes: usize) -> Result<usize, Failure> {
    let all = [width, height, bytes].map(|size| size as u64);
    let all = all
        .iter()
        .fold(1, |product: u64, &size| product.saturating_mul(size));
    match usize::try_from(all) {
        Ok(0) => Err(Failure::broken("it has no pixels")),
        Ok(len) if all <= MAX_PIXEL_BYTES => Ok(len),
        _ => Err(Failure::TooLarge(all)),
    }
}

impl Raster {
    /// The same in gray: the luminance of each pixel by the weights of
    /// sRGB, rounded.
    pub fn into_gray(mut self) -> Self {
        if self.channels == 3 {
            for pixel in 0..self.width * self.height {
                let rgb = &self.pixels[3 * pixel..3 * pixel + 3];
                let weighted = rgb.iter().zip([2126_u32, 7152, 722]);
                let sum: u32 = weighted
                    .map(|(&value, weight)| weight * u32::from(value))
                    .sum();
                self.pixels[pixel] = ((sum + 5000) / 10_000) as u8;
            }
            self.pixels.truncate(self.width * self.height);
            self.channels = 1;
        }
        self
    }
}
