//! Text of the figures: its width, and its glyphs as pixels or outlines.
//!
//! The font is Ubuntu Light, which comes as bytes in the crate
//! `epaint_default_fonts` under the Ubuntu font license 1.0 (it may be bundled
//! and embedded freely), so a figure is the same everywhere. It has Latin,
//! Greek and Cyrillic letters; any other is taken from a font of the system
//! ([`system_fonts`](super::system_fonts)). An SVG names the font and some usual
//! substitutes and leaves the glyphs to the viewer.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, OutlineCurve, PxScale, ScaleFont, point};

use super::system_fonts;

/// Font families that an SVG asks for, best first.
pub const FAMILIES: &str = "Ubuntu, Helvetica, Arial, sans-serif";

/// Height of a capital letter over the font size.
pub const CAPITAL: f64 = 0.693;

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

/// The characters of `text` that no font has: PNG and PDF show a box.
pub fn missing(text: &str) -> Vec<char> {
    let is_missing =
        |c: &char| !c.is_whitespace() && !has(&FONT, *c) && system_fonts::with(*c).is_none();
    text.chars().filter(is_missing).collect()
}

/// Calls `cover(x, y, share)` for each pixel that the glyphs of `text` cover,
/// by a share of 0 to 1. The text starts at 0, 0 on its base line.
pub fn rasterize(text: &str, size: f64, mut cover: impl FnMut(i32, i32, f32)) {
    for (font, glyph) in place(text, size).0 {
        let Some(outline) = font.outline_glyph(glyph) else {
            continue; // a space
        };
        let corner = outline.px_bounds().min;
        outline.draw(|x, y, share| {
            let (x, y) = (corner.x as i32 + x as i32, corner.y as i32 + y as i32);
            cover(x, y, share.min(1.0));
        });
    }
}

/// The closed outlines of the glyphs of `text`, each as its curves from point
/// to point; y grows upwards from the base line.
pub fn outlines(text: &str, size: f64) -> Vec<Vec<OutlineCurve>> {
    let mut contours = Vec::new();
    for (font, glyph) in place(text, size).0 {
        let Some(outline) = font.outline(glyph.id) else {
            continue; // a space
        };
        let per_em = font.units_per_em().unwrap_or(1000.0);
        let scale = size as f32 / per_em;
        let at = |p: ab_glyph::Point| point(glyph.position.x + p.x * scale, p.y * scale);
        let mut end = None;
        for curve in outline.curves {
            let curve = match curve {
                OutlineCurve::Line(a, b) => OutlineCurve::Line(at(a), at(b)),
                OutlineCurve::Quad(a, b, c) => OutlineCurve::Quad(at(a), at(b), at(c)),
                OutlineCurve::Cubic(a, b, c, d) => OutlineCurve::Cubic(at(a), at(b), at(c), at(d)),
            };
            let (first, last) = ends(&curve);
            match contours.last_mut() {
                Some(contour) if end == Some(first) => Vec::push(contour, curve),
                _ => contours.push(vec![curve]),
            }
            end = Some(last);
        }
    }
    contours
}

/// First and last point of a curve.
pub fn ends(curve: &OutlineCurve) -> (ab_glyph::Point, ab_glyph::Point) {
    match *curve {
        OutlineCurve::Line(a, b) => (a, b),
        OutlineCurve::Quad(a, _, c) => (a, c),
        OutlineCurve::Cubic(a, _, _, d) => (a, d),
    }
}

fn has(font: &FontRef<'static>, character: char) -> bool {
    font.glyph_id(character).0 != 0
}

/// The font for a character: the figures' own if it has it.
fn font_of(character: char) -> &'static FontRef<'static> {
    match has(&FONT, character) || character.is_whitespace() {
        true => &FONT,
        false => system_fonts::with(character).unwrap_or(&FONT),
    }
}

/// The glyphs on a base line from 0, 0, each with its font, and the width of
/// them all.
fn place(text: &str, size: f64) -> (Vec<(&'static FontRef<'static>, Glyph)>, f32) {
    let mut x = 0.0;
    let mut previous: Option<(*const FontRef<'static>, ab_glyph::GlyphId)> = None;
    let mut glyphs = Vec::new();
    for character in text.chars() {
        let font = font_of(character);
        let per_em = font.units_per_em().unwrap_or(1000.0);
        let scale = PxScale::from(size as f32 * font.height_unscaled() / per_em);
        let scaled = font.as_scaled(scale);
        let id = scaled.glyph_id(character);
        if let Some((_, previous)) = previous.filter(|p| std::ptr::eq(p.0, font)) {
            x += scaled.kern(previous, id);
        }
        glyphs.push((font, id.with_scale_and_position(scale, point(x, 0.0))));
        x += scaled.h_advance(id);
        previous = Some((font, id));
    }
    (glyphs, x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_every_sign_that_the_figures_use() {
        for sign in "×·–…−≥≤±%,.0123456789<>_()".chars() {
            assert_ne!(FONT.glyph_id(sign).0, 0, "{sign}");
        }
        assert_eq!(missing("MNIST Ελλάδα мир ≥ ±\n"), []);
        // No font has what is no character.
        assert_eq!(missing("a\u{10fffe}"), ['\u{10fffe}']);
    }

    #[test]
    fn fit_keeps_short_text_and_cuts_long_text_to_the_limit() {
        assert_eq!(fit("conv1", 12.0, 100.0), "conv1");
        let cut = fit("Old_Church_Slavonic_(Cyrillic)", 12.0, 80.0);
        assert!(cut.starts_with("Old_Church") && cut.ends_with('…'), "{cut}");
        assert!(width(&cut, 12.0) <= 80.0);
        assert_eq!(fit("conv1", 12.0, 1.0), "");
    }

    #[test]
    fn outlines_are_closed() {
        // o and i have two contours each.
        let contours = outlines("o i", 12.0);
        assert_eq!(contours.len(), 4);
        for contour in contours {
            let (first, last) = (ends(&contour[0]).0, ends(&contour[contour.len() - 1]).1);
            assert!((first.x - last.x).abs() < 1e-3 && (first.y - last.y).abs() < 1e-3);
        }
    }
}
