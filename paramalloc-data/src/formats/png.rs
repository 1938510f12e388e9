//! PNG files.

use std::io::Cursor;

use png::{BitDepth, Decoder, Limits, Transformations};

use super::orientation::Orientation;
use super::raster::{Failure, MAX_PIXEL_BYTES, Raster, pixel_bytes};

/// Decodes a PNG file; anything else is not whole.
pub(super) fn decode(bytes: &[u8]) -> Result<Raster, Failure> {
    let limits = Limits {
        bytes: MAX_PIXEL_BYTES as usize,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    // Palettes become colors, and fewer than 8 bits 8.
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(Failure::broken)?;
    // The decoder relies on it.
    let palette = reader.info().palette.as_deref().unwrap_or_default();
    if !palette.len().is_multiple_of(3) {
        return Err(Failure::broken("its palette is not whole"));
    }
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let (color, depth) = reader.output_color_type();
    let samples = color.samples();
    let sample_bytes = if depth == BitDepth::Sixteen { 2 } else { 1 };
    let mut pixels = vec![0; pixel_bytes(width, height, samples * sample_bytes)?];
    reader.next_frame(&mut pixels).map_err(Failure::broken)?;
    // Metadata may stand behind the pixels; that these are whole is known.
    let _ = reader.finish();
    let exif = reader.info().exif_metadata.as_deref();
    let orientation = exif.map_or(Orientation::default(), Orientation::of_exif);
    let mut max_of_16_bits = None;
    if sample_bytes == 2 {
        max_of_16_bits = Some(halve(&mut pixels));
    }
    // What lies behind the color of a pixel is its transparency.
    let channels = if samples < 3 { 1 } else { 3 };
    if channels < samples {
        for pixel in 0..width * height {
            pixels.copy_within(
                pixel * samples..pixel * samples + channels,
                pixel * channels,
            );
        }
        pixels.truncate(width * height * channels);
    }
    Ok(Raster {
        width,
        height,
        channels,
        pixels,
        orientation,
        max_of_16_bits,
    })
}

/// Rounds values of 16 bits to 8; gives the largest of those of 16.
fn halve(pixels: &mut Vec<u8>) -> u16 {
    let mut max = 0;
    for index in 0..pixels.len() / 2 {
        let value = u16::from_be_bytes([pixels[2 * index], pixels[2 * index + 1]]);
        max = max.max(value);
        pixels[index] = ((u32::from(value) + 128) / 257) as u8;
    }
    pixels.truncate(pixels.len() / 2);
    max
}
