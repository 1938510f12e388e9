//! Resizing images of any shape with a triangle filter.

/// The old pixels that one new pixel is made of, along one axis.
struct Weights {
    first: usize,
    /// They sum to 1.
    weights: Vec<f32>,
}

/// Resizes an image of `from[0]` rows and `from[1]` columns, its pixels of
/// `channels` values side by side, to `to[0]` rows and `to[1]` columns.
///
/// New pixels weigh the old ones by a triangle around their middle, which is
/// as wide as two old or two new pixels, whatever is wider: enlarging is
/// bilinear, and reducing averages. Results are rounded, halves up.
///
/// # Panics
///
/// If `pixels` is not an image of this size, or a size is 0.
pub(crate) fn triangle(
    pixels: &[u8],
    channels: usize,
    from: [usize; 2],
    to: [usize; 2],
) -> Vec<u8> {
    assert!(pixels.len() == from[0] * from[1] * channels && !pixels.is_empty() && to[0] > 0);
    if from == to {
        return pixels.to_vec();
    }
    let columns: Vec<Weights> = (0..to[1]).map(|i| weights(i, from[1], to[1])).collect();
    let row_len = from[1] * channels;
    let mut output = Vec::with_capacity(to[0] * to[1] * channels);
    let mut row = vec![0.0_f32; row_len];
    for index in 0..to[0] {
        let Weights { first, weights } = weights(index, from[0], to[0]);
        row.fill(0.0);
        for (old, weight) in pixels[first * row_len..].chunks(row_len).zip(weights) {
            for (sum, &value) in row.iter_mut().zip(old) {
                *sum += f32::from(value) * weight;
            }
        }
        for Weights { first, weights } in &columns {
            for channel in 0..channels {
                let old = row[first * channels + channel..].iter().step_by(channels);
                let sum = weights.iter().zip(old).fold(0.0, |sum, (w, v)| sum + v * w);
                output.push(sum.round() as u8);
            }
        }
    }
    output
}

/// The weights of new pixel `index`.
fn weights(index: usize, from: usize, to: usize) -> Weights {
    let ratio = from as f32 / to as f32;
    let reach = ratio.max(1.0);
    let middle = (index as f32 + 0.5) * ratio;
    let first = ((middle - reach).floor().max(0.0) as usize).min(from - 1);
    let end = ((middle + reach).ceil() as usize).clamp(first + 1, from);
    let weight = |pixel: usize| {
        let distance = (pixel as f32 - (middle - 0.5)) / reach;
        (1.0 - distance.abs()).max(0.0)
    };
    let weights: Vec<f32> = (first..end).map(weight).collect();
    let sum: f32 = weights.iter().sum();
    Weights {
        first,
        weights: weights.into_iter().map(|weight| weight / sum).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pattern of 37 x 23 pixels in color.
    fn pattern() -> Vec<u8> {
        let pixels = (0..23_usize).flat_map(|y| (0..37_usize).map(move |x| (x, y)));
        let colors = pixels.map(|(x, y)| [x * 37 + y * 91, x * y * 7, (x ^ y) * 5]);
        colors.flatten().map(|value| value as u8).collect()
    }

    /// The numbers are those of crate image 0.25.10, `FilterType::Triangle`.
    #[test]
    fn reducing_gives_the_numbers_of_crate_image() {
        let resized = triangle(&pattern(), 3, [23, 37], [8, 8]);
        assert_eq!(resized.len(), 8 * 8 * 3);
        assert_eq!(resized[..24], ROW_0);
        assert_eq!(resized[7 * 24..], ROW_7);
    }

    #[test]
    fn enlarging_interpolates_and_the_same_size_changes_nothing() {
        assert_eq!(triangle(&[0, 100], 1, [1, 2], [1, 4]), [0, 25, 75, 100]);
        assert_eq!(triangle(&[0, 100], 1, [2, 1], [4, 1]), [0, 25, 75, 100]);
        assert_eq!(triangle(&pattern(), 3, [23, 37], [23, 37]), pattern());
        assert_eq!(triangle(&[7], 1, [1, 1], [2, 2]), [7; 4]);
    }

    #[rustfmt::skip]
    const ROW_0: [u8; 24] = [
        115, 19, 12, 119, 54, 32, 128, 87, 55, 122, 101, 79,
        125, 91, 102, 133, 102, 125, 127, 130, 148, 134, 165, 169,
    ];
    #[rustfmt::skip]
    const ROW_7: [u8; 24] = [
        128, 94, 102, 135, 115, 107, 129, 115, 138, 136, 120, 73,
        118, 127, 17, 120, 124, 51, 123, 124, 50, 123, 121, 66,
    ];
}
