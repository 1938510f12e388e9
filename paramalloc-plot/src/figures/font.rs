//! Text of the figures: its width, and its glyphs in a bitmap.
//!
//! The font is Ubuntu Light, which comes as bytes in the crate
//! `epaint_default_fonts` under the Ubuntu font license 1.0 (it may be bundled
//! and embedded freely). So no font of the system is needed, and a figure is
//! the same everywhere. The font has Latin, Greek and Cyrillic letters; a PNG
//! shows a box for any other. An SVG names the font and some usual substitutes
//! and leaves the glyphs to the viewer.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

/// Font families that an SVG asks for, best first.
pub const FAMILIES: &str = "Ubuntu, Helvetica, Arial, sans-serif";

/// Height of a capital letter over the font size.
pub const CAPITAL: f64 = 0.693;
/// Height of a letter x over the font size.
pub const SMALL_X: f64 = 0.517;

/// Room for an SVG that is shown in a wider font, over the width of the text.
pub const WIDER: f64 = 1.2;

static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(epaint_default_fonts::UBUNTU_LIGHT)
        .expect("the font is a part of the program")
});

/// Width of a line of text, in the unit of `size` (pixels per em).
pub fn width(text: &str, size: f64) -> f64 {
    f64::from(place(text, size).1)
}

/// `text`, cut and ended with `…` where it is wider than `limit`.
pub fn fit(text: &str, size: f64, limit: f64) -> String {
    if width(text, size) <= limit {
        return text.to_owned();
    }
    let mut shown: Vec<char> = text.chars().collect();
    while shown.pop().is_some() {
        let cut: String = shown.iter().collect::<String>().trim_end().to_owned() + "…";
        if width(&cut, size) <= limit {
            return cut;
        }
    }
    String::new()
}

/// Calls `cover(x, y, share)` for each pixel that the glyphs of `text` cover,
/// by a share of 0 to 1. The text starts at 0, 0 on its base line.
pub fn rasterize(text: &str, size: f64, mut cover: impl FnMut(i32, i32, f32)) {
    for glyph in place(text, size).0 {
        let Some(outline) = FONT.outline_glyph(glyph) else {
            continue; // a space
        };
        let corner = outline.px_bounds().min;
        outline.draw(|x, y, share| {
            let (x, y) = (corner.x as i32 + x as i32, corner.y as i32 + y as i32);
            cover(x, y, share.min(1.0));
        });
    }
}

/// The glyphs on a base line from 0, 0, and the width of them all.
fn place(text: &str, size: f64) -> (Vec<Glyph>, f32) {
    let per_em = FONT.units_per_em().unwrap_or(1000.0);
    let scale = PxScale::from(size as f32 * FONT.height_unscaled() / per_em);
    let font = FONT.as_scaled(scale);
    let mut x = 0.0;
    let mut previous = None;
    let mut glyphs = Vec::new();
    for character in text.chars() {
        let id = font.glyph_id(character);
        if let Some(previous) = previous {
            x += font.kern(previous, id);
        }
        glyphs.push(id.with_scale_and_position(scale, point(x, 0.0)));
        x += font.h_advance(id);
        previous = Some(id);
    }
    (glyphs, x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_every_sign_that_the_figures_use() {
        for sign in "×·–…−≥%,.0123456789<>_()".chars() {
            assert_ne!(FONT.glyph_id(sign).0, 0, "{sign}");
        }
    }

    #[test]
    fn fit_keeps_short_text_and_cuts_long_text_to_the_limit() {
        assert_eq!(fit("conv1", 12.0, 100.0), "conv1");
        let cut = fit("Old_Church_Slavonic_(Cyrillic)", 12.0, 80.0);
        assert!(cut.starts_with("Old_Church") && cut.ends_with('…'), "{cut}");
        assert!(width(&cut, 12.0) <= 80.0);
        assert_eq!(fit("conv1", 12.0, 1.0), "");
    }
}
