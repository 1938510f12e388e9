//! The color space OKLab (Ottosson 2020), in which equal distances look equal.

/// Red, green and blue of sRGB.
pub type Rgb = [u8; 3];

/// The same hue, lighter by `lightness` (-1 to 1), as far as a screen can show.
/// and within `range`.
pub fn lighter(color: Rgb, lightness: f64, range: (f64, f64)) -> Rgb {
    let [l, a, b] = from_rgb(color);
    if lightness == 0.0 {
        return color;
    }
    let lightness = (l + lightness).clamp(range.0, range.1);
    // Colors near black and white have little chroma.
    let chroma = if l > 0.0 {
        ((1.0 - lightness) / (1.0 - l)).min(1.0)
    } else {
        0.0
    };
    to_rgb([lightness, a * chroma.max(0.55), b * chroma.max(0.55)])
}

/// Of lightness, chroma and hue.
pub fn from_polar(lightness: f64, chroma: f64, hue: f64) -> Rgb {
    to_rgb([lightness, chroma * hue.cos(), chroma * hue.sin()])
}

fn from_rgb(color: Rgb) -> [f64; 3] {
    let [r, g, b] = color.map(linear);
    let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
    let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
    let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
    [
        0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
        1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
        0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
    ]
}

fn to_rgb([lightness, a, b]: [f64; 3]) -> Rgb {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        srgb(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
        srgb(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
        srgb(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s),
    ]
}

/// An sRGB byte to linear light.
fn linear(byte: u8) -> f64 {
    let c = f64::from(byte) / 255.0;
    match c <= 0.040_45 {
        true => c / 12.92,
        false => ((c + 0.055) / 1.055).powf(2.4),
    }
}

/// Linear light, clipped to 0 to 1, to an sRGB byte.
fn srgb(linear: f64) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let encoded = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (encoded * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_come_back() {
        for color in [[0, 114, 178], [213, 94, 0], [0, 0, 0], [255, 255, 255]] {
            let back = to_rgb(from_rgb(color));
            let far = (0..3).any(|i| back[i].abs_diff(color[i]) > 1);
            assert!(!far, "{color:?} became {back:?}");
        }
    }
}
