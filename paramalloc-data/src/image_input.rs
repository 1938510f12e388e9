//! From decoded images to what a network reads.

use paramalloc_core::network::shape::Dims;

use crate::formats::raster::Raster;
use crate::triangle::triangle;

/// Images of 16 bits with all values below this are nearly black: 13 bits.
const DARK: u16 = 1 << 13;

/// Adds an image, upright, plane by plane at the size of the input.
pub(crate) fn append(image: Raster, input: Dims, pixels: &mut Vec<u8>) {
    // Gray first: it is what the eye sees of the full image.
    let image = match input.channels {
        1 => image.into_gray(),
        _ => image,
    };
    let upright = [input.height, input.width];
    let mut size = upright;
    if image.orientation.swaps() {
        size.reverse();
    }
    let from = [image.height, image.width];
    let resized = triangle(&image.pixels, image.channels, from, size);
    for channel in 0..input.channels {
        // A gray image has equal colors.
        let channel = channel.min(image.channels - 1);
        for row in 0..upright[0] {
            pixels.extend((0..upright[1]).map(|column| {
                let [row, column] = image.orientation.source([row, column], size);
                resized[(row * size[1] + column) * image.channels + channel]
            }));
        }
    }
}

/// The value of a byte of an image: 255 is 1.0.
pub(crate) fn of_byte(byte: u8) -> f32 {
    f32::from(byte) * (1.0 / 255.0)
}

/// A line to the user about images of 16 bits that are nearly black, by the largest
/// value in them.
pub(crate) fn dark_warning(of: &str, max_of_16_bits: Option<u16>) -> Option<String> {
    let max = max_of_16_bits.filter(|&max| max < DARK)?;
    Some(format!(
        "warning: the values of the 16-bit images of {of} go up to {max} of 65535 only, so all are nearly black; scale them to the whole range"
    ))
}
