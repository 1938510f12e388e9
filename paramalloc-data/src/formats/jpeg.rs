//! JPEG files.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::orientation::Orientation;
use super::raster::{Failure, Raster, pixel_bytes};

/// What a JPEG file starts with.
pub(super) const START: &[u8] = &[0xff, 0xd8];

/// Decodes a JPEG file. What lies behind the image, a video for example, is
/// not looked at.
pub(super) fn decode(bytes: &[u8]) -> Result<Raster, Failure> {
    let options = DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(Failure::broken)?;
    let (Some((width, height)), Some(space)) = (decoder.dimensions(), decoder.input_colorspace())
    else {
        return Err(Failure::broken("its size is missing"));
    };
    let (space, channels) = match space {
        ColorSpace::Luma => (ColorSpace::Luma, 1),
        _ => (ColorSpace::RGB, 3),
    };
    pixel_bytes(width, height, channels)?;
    if !has_end(bytes) {
        return Err(Failure::broken("its end is missing"));
    }
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let pixels = decoder.decode().map_err(Failure::broken)?;
    let exif = decoder.exif().map(Vec::as_slice);
    Ok(Raster {
        width,
        height,
        channels,
        pixels,
        orientation: exif.map_or(Orientation::default(), Orientation::of_exif),
        max_of_16_bits: None,
    })
}

/// True if the image has its end: the decoder fills what is missing with gray.
///
/// A segment is a marker, `0xff` and a byte, and its length; behind a start of
/// scan come entropy-coded data, in which `0xff` is followed by 0 or the
/// number of a restart.
fn has_end(bytes: &[u8]) -> bool {
    let mut at = START.len();
    loop {
        let Some(marker) = bytes[at..].iter().position(|&byte| byte == 0xff) else {
            return false;
        };
        at += marker;
        let Some(fill) = bytes[at..].iter().position(|&byte| byte != 0xff) else {
            return false;
        };
        at += fill + 1;
        match bytes[at - 1] {
            0xd9 => return true,
            0x00 | 0x01 | 0xd0..=0xd8 => {}
            _ => {
                let Some(&[high, low]) = bytes.get(at..at + 2) else {
                    return false;
                };
                at = (at + usize::from(u16::from_be_bytes([high, low]))).min(bytes.len());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_that_of_the_image() {
        // A segment with an end of image in it (a thumbnail), a scan with a
        // stuffed 0xff and a restart, the end, and a second image behind it.
        #[rustfmt::skip]
        let whole = [
            0xff, 0xd8, 0xff, 0xe1, 0, 4, 0xff, 0xd9,
            0xff, 0xda, 0, 3, 7, 1, 0xff, 0, 2, 0xff, 0xd0, 3, 0xff, 0xff, 0xd9,
        ];
        assert!(has_end(&whole));
        for len in 2..whole.len() {
            assert!(!has_end(&whole[..len]), "{len} bytes");
        }
        assert!(has_end(
            &[&whole[..], &[0xff, 0xd8, 0xff, 0xda, 0, 3, 7]].concat()
        ));
    }
}
