//! A figure as PDF, its text as outlines, so that it needs no font.

use std::io::{self, Write as _};

use ab_glyph::OutlineCurve;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::LineJoinStyle;
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref};

use super::figure::{Figure, OPACITY, Shape, Text};
use super::font;
use super::palette::{Color, Theme};

/// Points (1/72 inch) of a CSS pixel (1/96 inch).
const SCALE: f32 = 0.75;

/// The states in which shapes hide what is behind them, and in which they do
/// not.
const SOLID: Name<'static> = Name(b"Solid");
const GLASS: Name<'static> = Name(b"Glass");

/// The figure as a PDF file of one page.
///
/// # Errors
/// If its content cannot be compressed.
pub fn pdf(figure: &Figure, theme: Theme) -> io::Result<Vec<u8>> {
    let (width, height) = (figure.width.ceil() as f32, figure.height.ceil() as f32);
    let content = content(figure, theme, (width, height));
    let mut compressed = ZlibEncoder::new(Vec::new(), Compression::default());
    compressed.write_all(&content)?;
    let compressed = compressed.finish()?;
    let [catalog, pages, page, stream, solid, glass] = [1, 2, 3, 4, 5, 6].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut written = pdf.page(page);
    written.media_box(Rect::new(0.0, 0.0, width * SCALE, height * SCALE));
    written.parent(pages).contents(stream);
    let mut resources = written.resources();
    let mut states = resources.ext_g_states();
    states.pair(SOLID, solid).pair(GLASS, glass);
    states.finish();
    resources.finish();
    written.finish();
    pdf.ext_graphics(solid).non_stroking_alpha(1.0);
    pdf.ext_graphics(glass).non_stroking_alpha(OPACITY as f32);
    let mut written = pdf.stream(stream, &compressed);
    written.filter(Filter::FlateDecode);
    written.finish();
    Ok(pdf.finish())
}

fn content(figure: &Figure, theme: Theme, (width, height): (f32, f32)) -> Vec<u8> {
    let mut content = Content::new();
    // From there on the axes are those of the figure, but that y grows upwards.
    content.transform([SCALE, 0.0, 0.0, SCALE, 0.0, 0.0]);
    content.set_line_join(LineJoinStyle::RoundJoin);
    let up = |y: f64| height - y as f32;
    let fill = |content: &mut Content, color: Color| {
        let [red, green, blue] = shares(color, theme);
        content.set_fill_rgb(red, green, blue);
    };
    fill(&mut content, Color::Paper);
    content.rect(0.0, 0.0, width, height);
    content.fill_nonzero();
    for shape in &figure.shapes {
        match shape {
            Shape::Rectangle {
                x,
                y,
                width,
                height,
                color,
            } => {
                fill(&mut content, *color);
                content.rect(*x as f32, up(y + height), *width as f32, *height as f32);
                content.fill_nonzero();
            }
            Shape::Line {
                points,
                width,
                color,
            } => {
                let [red, green, blue] = shares(*color, theme);
                content.set_stroke_rgb(red, green, blue);
                content.set_line_width(*width as f32);
                path(&mut content, points, up);
                content.stroke();
            }
            Shape::Polygon {
                points,
                color,
                opacity,
            } => {
                let state = if *opacity < 1.0 { GLASS } else { SOLID };
                content.set_parameters(state);
                fill(&mut content, *color);
                path(&mut content, points, up);
                content.close_path();
                content.fill_nonzero();
                content.set_parameters(SOLID);
            }
            Shape::Text(text) => {
                fill(&mut content, text.color);
                draw_text(&mut content, text, up);
            }
        }
    }
    content.finish().into_vec()
}

fn shares(color: Color, theme: Theme) -> [f32; 3] {
    color.rgb(theme).map(|byte| f32::from(byte) / 255.0)
}

fn path(content: &mut Content, points: &[(f64, f64)], up: impl Fn(f64) -> f32) {
    for (index, &(x, y)) in points.iter().enumerate() {
        match index {
            0 => content.move_to(x as f32, up(y)),
            _ => content.line_to(x as f32, up(y)),
        };
    }
}

fn draw_text(content: &mut Content, text: &Text, up: impl Fn(f64) -> f32) {
    let [left, _, _, bottom] = text.bounds();
    let half = (text.size * font::CAPITAL / 2.0) as f32;
    let at = |p: ab_glyph::Point| match text.turned {
        true => (text.x as f32 + half - p.y, up(bottom) + p.x),
        false => (left as f32 + p.x, up(text.y) - half + p.y),
    };
    let contours = font::outlines(&text.text, text.size);
    if contours.is_empty() {
        return;
    }
    for contour in &contours {
        let (x, y) = at(font::ends(&contour[0]).0);
        content.move_to(x, y);
        for curve in contour {
            match *curve {
                OutlineCurve::Line(_, b) => {
                    let (x, y) = at(b);
                    content.line_to(x, y);
                }
                OutlineCurve::Quad(a, b, c) => {
                    // The cubic curve that is the same.
                    let (a, b, c) = (at(a), at(b), at(c));
                    let near = |p: f32, control: f32| p + (control - p) * 2.0 / 3.0;
                    let first = (near(a.0, b.0), near(a.1, b.1));
                    let second = (near(c.0, b.0), near(c.1, b.1));
                    content.cubic_to(first.0, first.1, second.0, second.1, c.0, c.1);
                }
                OutlineCurve::Cubic(_, b, c, d) => {
                    let (b, c, d) = (at(b), at(c), at(d));
                    content.cubic_to(b.0, b.1, c.0, c.1, d.0, d.1);
                }
            }
        }
        content.close_path();
    }
    content.fill_nonzero();
}
