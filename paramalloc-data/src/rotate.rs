//! Turning images.

use crate::images::LabeledImages;

/// Turns square images of `side` x `side` pixels, of any number of channels,
/// by 90 degrees counter-clockwise: `out[r][c] = in[c][side - 1 - r]`.
///
/// # Panics
///
/// If an image is not a whole number of channels of `side` x `side` bytes.
pub fn rotate90(images: &LabeledImages, side: usize) -> LabeledImages {
    let area = side * side;
    assert!(
        area > 0 && images.image_len.is_multiple_of(area),
        "images of {} bytes are not {side} x {side}",
        images.image_len
    );
    let mut pixels = Vec::with_capacity(images.pixels.len());
    for channel in images.pixels.chunks_exact(area) {
        for row in 0..side {
            pixels.extend((0..side).map(|column| channel[column * side + side - 1 - row]));
        }
    }
    LabeledImages {
        image_len: images.image_len,
        pixels,
        classes: images.classes.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_images() -> LabeledImages {
        LabeledImages {
            image_len: 9,
            #[rustfmt::skip]
            pixels: vec![
                1, 2, 3,
                4, 5, 6,
                7, 8, 9,

                0, 0, 7,
                0, 0, 0,
                8, 0, 0,
            ],
            classes: vec![5, 6],
        }
    }

    #[test]
    fn turns_counter_clockwise() {
        let turned = rotate90(&two_images(), 3);
        #[rustfmt::skip]
        assert_eq!(turned.pixels, [
            3, 6, 9,
            2, 5, 8,
            1, 4, 7,

            7, 0, 0,
            0, 0, 0,
            0, 0, 8,
        ]);
        assert_eq!(turned.classes, [5, 6]);
    }

    #[test]
    fn turns_each_channel_by_itself() {
        let images = LabeledImages {
            image_len: 8,
            pixels: vec![1, 2, 3, 4, 10, 20, 30, 40],
            classes: vec![0],
        };
        let turned = rotate90(&images, 2);
        assert_eq!(turned.pixels, [2, 4, 1, 3, 20, 40, 10, 30]);
    }

    #[test]
    fn four_turns_give_the_original() {
        let images = two_images();
        let turned = (0..4).fold(images.clone(), |images, _| rotate90(&images, 3));
        assert_eq!(turned, images);
    }
}
