//! Colors that survive color blindness and a black-and-white printer.

use plotters::style::RGBColor;

/// Text and axes.
pub const INK: RGBColor = RGBColor(0x22, 0x26, 0x2b);
/// Captions and minor labels.
pub const MUTED: RGBColor = RGBColor(0x5c, 0x64, 0x6d);
/// Frames and brackets.
pub const RULE: RGBColor = RGBColor(0x9a, 0xa2, 0xab);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(0xe3, 0xe6, 0xe9);
/// An empty cell of a matrix.
pub const EMPTY: RGBColor = RGBColor(0xee, 0xf0, 0xf2);
/// Paper.
pub const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);

/// The palette of Okabe and Ito ("Color Universal Design", 2008) without
/// yellow, which does not show as a line on white.
const CATEGORIES: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xb2), // blue
    RGBColor(0xd5, 0x5e, 0x00), // vermillion
    RGBColor(0x00, 0x9e, 0x73), // bluish green
    RGBColor(0xcc, 0x79, 0xa7), // reddish purple
    RGBColor(0xe6, 0x9f, 0x00), // orange
    RGBColor(0x56, 0xb4, 0xe9), // sky blue
    RGBColor(0x00, 0x00, 0x00), // black
];

/// Number of distinct colors of [`category`].
pub const CATEGORY_COUNT: usize = CATEGORIES.len();

/// Color of the category `index`; it repeats after [`CATEGORY_COUNT`].
pub fn category(index: usize) -> RGBColor {
    CATEGORIES[index % CATEGORY_COUNT]
}

/// `color` mixed with paper; `share` is what is left of it, 0 to 1.
pub fn tint(color: RGBColor, share: f64) -> RGBColor {
    let mix = |c: u8| (f64::from(c) * share + 255.0 * (1.0 - share)).round() as u8;
    RGBColor(mix(color.0), mix(color.1), mix(color.2))
}

/// Color of a value of 0 (nearly paper) to 1 (dark blue). The lightness falls
/// in equal steps in the OKLab space (Ottosson 2020), so equal differences
/// look equal, in print too.
pub fn heat(value: f64) -> RGBColor {
    let value = value.clamp(0.0, 1.0);
    let lightness = 0.97 - 0.70 * value;
    // The chroma is largest in the middle, where the screen can show it.
    let chroma = 0.01 + 0.115 * (std::f64::consts::PI * value).sin().max(0.0) + 0.07 * value;
    oklch(lightness, chroma, 250.0_f64.to_radians())
}

/// Black or paper, whichever reads better on `heat(value)`.
pub fn on_heat(value: f64) -> RGBColor {
    let black = RGBColor(0, 0, 0);
    if value < 0.58 { black } else { PAPER }
}

fn oklch(lightness: f64, chroma: f64, hue: f64) -> RGBColor {
    let (a, b) = (chroma * hue.cos(), chroma * hue.sin());
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    RGBColor(
        srgb(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
        srgb(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
        srgb(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s),
    )
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

    /// Relative luminance of an sRGB color (WCAG 2).
    fn luminance(color: RGBColor) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(color.0) + 0.7152 * linear(color.1) + 0.0722 * linear(color.2)
    }

    #[test]
    fn heat_darkens_at_every_step() {
        let shades: Vec<f64> = (0..=32).map(|i| luminance(heat(i as f64 / 32.0))).collect();
        assert!(shades.windows(2).all(|w| w[0] > w[1]), "{shades:?}");
        assert!(shades[0] > 0.85 && shades[32] < 0.05, "{shades:?}");
    }

    #[test]
    fn numbers_on_heat_have_contrast() {
        for i in 0..=100 {
            let value = f64::from(i) / 100.0;
            let (a, b) = (luminance(heat(value)), luminance(on_heat(value)));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= 4.4, "{contrast} at {value}");
        }
    }

    #[test]
    fn tint_mixes_with_paper() {
        assert_eq!(tint(RGBColor(0, 100, 255), 0.5), RGBColor(128, 178, 255));
    }
}
