//! Changing the size of square images of bytes.

/// Makes a plane of `from` x `from` values smaller, to `to` x `to`: each new
/// pixel is the mean of the area that it covers, with a share of the pixels
/// that it covers in part; exact up to the rounding to a whole number.
///
/// # Panics
///
/// If the plane is not `from` x `from`, or `to` is 0 or more than `from`.
pub fn area_average(plane: &[u8], from: usize, to: usize) -> Vec<u8> {
    assert!(plane.len() == from * from && (1..=from).contains(&to));
    let covers: Vec<Vec<(usize, usize)>> = (0..to).map(|i| cover(i, from, to)).collect();
    let area = from * from;
    let mut output = Vec::with_capacity(to * to);
    for rows in &covers {
        for columns in &covers {
            let mut sum = 0;
            for &(row, height) in rows {
                for &(column, width) in columns {
                    sum += height * width * usize::from(plane[row * from + column]);
                }
            }
            output.push(((sum + area / 2) / area) as u8);
        }
    }
    output
}

/// The old pixels under new pixel `i`, with the covered length in units of
/// which an old pixel has `to` and a new one `from`.
fn cover(i: usize, from: usize, to: usize) -> Vec<(usize, usize)> {
    let (low, high) = (i * from, (i + 1) * from);
    let pixels = low / to..high.div_ceil(to);
    pixels
        .map(|pixel| {
            let (start, end) = (pixel * to, (pixel + 1) * to);
            (pixel, end.min(high) - start.max(low))
        })
        .collect()
}

/// Resizes planes of `from` x `from` values, one after the other, to
/// `to` x `to` by bilinear interpolation between pixel middles, as PyTorch's
/// `interpolate(mode="bilinear", align_corners=False)` does: new pixel `i`
/// lies at `(i + 0.5) * from / to - 0.5`, at least 0, and the last pixel
/// stands for what lies beyond it. Results are rounded to bytes, halves up.
///
/// # Panics
///
/// If the planes are not `from` x `from`, or a size is 0.
pub fn bilinear(planes: &[u8], from: usize, to: usize) -> Vec<u8> {
    assert!(from > 0 && to > 0 && planes.len().is_multiple_of(from * from));
    let places: Vec<(usize, usize, f32)> = (0..to).map(|i| place(i, from, to)).collect();
    let mut output = Vec::with_capacity(planes.len() / (from * from) * to * to);
    for plane in planes.chunks_exact(from * from) {
        for &(upper, lower, down) in &places {
            for &(left, right, across) in &places {
                let at = |row: usize, column: usize| f32::from(plane[row * from + column]);
                let above = (1.0 - across) * at(upper, left) + across * at(upper, right);
                let below = (1.0 - across) * at(lower, left) + across * at(lower, right);
                output.push(((1.0 - down) * above + down * below + 0.5) as u8);
            }
        }
    }
    output
}

/// The old pixels on both sides of new pixel `i`, and how far it is from the
/// first of them, 0 to 1.
fn place(i: usize, from: usize, to: usize) -> (usize, usize, f32) {
    let at = ((i as f32 + 0.5) * from as f32 / to as f32 - 0.5).max(0.0);
    let before = (at as usize).min(from - 1);
    let after = (before + 1).min(from - 1);
    (before, after, at - before as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_whole_pixels() {
        #[rustfmt::skip]
        let plane = [
            0, 10, 200, 201,
            20, 30, 202, 205,
            255, 255, 0, 0,
            255, 255, 0, 2,
        ];
        assert_eq!(area_average(&plane, 4, 2), [15, 202, 255, 1]);
        assert_eq!(area_average(&plane, 4, 4), plane);
        assert_eq!(area_average(&plane, 4, 1), [118]);
    }

    #[test]
    fn pixels_covered_in_part_count_in_part() {
        // 3 to 2: a new pixel covers one old one and half of the middle one,
        // so weights are 2/3 and 1/3 in each direction.
        let plane = [90, 0, 0, 0, 0, 0, 0, 0, 180];
        assert_eq!(area_average(&plane, 3, 2), [40, 0, 0, 80]);
    }

    #[test]
    fn the_mean_of_the_image_stays() {
        let plane: Vec<u8> = (0..105 * 105).map(|i| (i * i % 256) as u8).collect();
        let mean =
            |plane: &[u8]| plane.iter().map(|&v| f64::from(v)).sum::<f64>() / plane.len() as f64;
        for to in [28, 32, 64, 104] {
            let difference = mean(&area_average(&plane, 105, to)) - mean(&plane);
            assert!(difference.abs() < 0.1, "{to}: {difference}");
        }
    }

    /// The formula of PyTorch in Python, with exact fractions:
    ///
    /// ```python
    /// from fractions import Fraction as F
    /// def place(i, n, m):
    ///     at = max((i + F(1, 2)) * n / m - F(1, 2), F(0))
    ///     low = min(int(at), n - 1)
    ///     return low, min(low + 1, n - 1), at - low
    /// def pixel(x, r, c, n, m):
    ///     (a, b, u), (d, e, v) = place(r, n, m), place(c, n, m)
    ///     top, bottom = ((1 - v) * x[k][d] + v * x[k][e] for k in (a, b))
    ///     return int((1 - u) * top + u * bottom + F(1, 2))
    /// x = [[(r * 37 + c * 11 + r * c * 5) % 256 for c in range(28)]
    ///      for r in range(28)]
    /// ```
    #[test]
    fn bilinear_from_28_to_32_is_that_of_pytorch() {
        let plane: Vec<u8> = (0..28 * 28)
            .map(|i| (i / 28, i % 28))
            .map(|(r, c)| ((r * 37 + c * 11 + r * c * 5) % 256) as u8)
            .collect();
        let resized = bilinear(&plane, 28, 32);
        assert_eq!(resized.len(), 1024);
        assert_eq!(resized[..32], ROW_0);
        assert_eq!(resized[15 * 32..16 * 32], ROW_15);
        assert_eq!(resized[31 * 32..], ROW_31);
    }

    #[test]
    fn bilinear_makes_smaller_too_and_goes_plane_by_plane() {
        let planes = [0, 100, 100, 200, 7, 7, 7, 7];
        assert_eq!(bilinear(&planes, 2, 1), [100, 7]);
        assert_eq!(bilinear(&planes[..4], 2, 2), planes[..4]);
        // Middles at -0.25 (so 0), 0.25, 0.75 and 1.25 (so the last).
        assert_eq!(bilinear(&planes[..4], 2, 4)[..4], [0, 25, 75, 100]);
    }

    #[rustfmt::skip]
    const ROW_0: [u8; 32] = [
        0, 9, 19, 28, 38, 47, 57, 67, 76, 86, 96, 105, 115, 124, 134, 144,
        153, 163, 173, 182, 192, 201, 211, 221, 230, 240, 250, 115, 13, 22, 32, 41,
    ];
    #[rustfmt::skip]
    const ROW_15: [u8; 32] = [
        211, 78, 100, 167, 122, 44, 111, 177, 230, 101, 122, 180, 135, 67, 130, 169,
        26, 78, 133, 195, 157, 84, 140, 191, 48, 100, 156, 82, 44, 106, 162, 224,
    ];
    #[rustfmt::skip]
    const ROW_31: [u8; 32] = [
        231, 142, 45, 93, 109, 93, 172, 92, 220, 140, 43, 91, 107, 91, 170, 90,
        218, 138, 41, 89, 105, 89, 168, 88, 216, 136, 39, 87, 103, 87, 166, 77,
    ];
}
