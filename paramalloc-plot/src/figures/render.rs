//! Turns a figure into the bytes of a PNG file; plotters draws its shapes.

use plotters::coord::Shift;
use plotters::prelude::*;

use super::figure::{Figure, Shape, Text as Label};
use super::font;
use super::oklab::Rgb;
use super::palette::{Color as Paint, Theme};

/// Pixels of a PNG per unit of length, for dense screens and print.
const PNG_SCALE: u32 = 2;
/// The bitmap is drawn this much larger and then averaged, which smooths the
/// edges of thick and slanted lines.
const OVERSAMPLE: u32 = 2;
/// Most pixels of a bitmap in memory; larger figures get a lower scale.
const PIXEL_LIMIT: f64 = 1.2e8;

/// Why a figure cannot be drawn.
pub type DrawError = Box<dyn std::error::Error + Send + Sync>;

/// The figure as a PNG file.
pub fn png(figure: &Figure, theme: Theme) -> Result<Vec<u8>, DrawError> {
    let area = figure.width * figure.height;
    let fits = |scale: u32| area * f64::from(scale * scale) <= PIXEL_LIMIT;
    let candidates = [(PNG_SCALE, OVERSAMPLE), (PNG_SCALE, 1), (1, 1)];
    let Some((scale, oversample)) = candidates.into_iter().find(|&(s, o)| fits(s * o)) else {
        return Err(format!(
            "a figure of {:.0} × {:.0} units is too large",
            figure.width, figure.height
        )
        .into());
    };
    let (width, height) = pixels(figure, scale * oversample);
    let mut bitmap = vec![0xff; width as usize * height as usize * 3];
    {
        let backend = BitMapBackend::with_buffer(&mut bitmap, (width, height));
        let area = backend.into_drawing_area();
        draw_shapes(figure, theme, &area, f64::from(scale * oversample))?;
        area.present().map_err(boxed)?;
    }
    for shape in &figure.shapes {
        if let Shape::Text(text) = shape {
            let color = text.color.rgb(theme);
            draw_text(
                text,
                color,
                &mut bitmap,
                width,
                f64::from(scale * oversample),
            );
        }
    }
    let bitmap = average(&bitmap, width, oversample);
    encode_png(&bitmap, width / oversample, height / oversample, scale)
}

/// Everything but the text.
fn draw_shapes<B: DrawingBackend<ErrorType: 'static>>(
    figure: &Figure,
    theme: Theme,
    area: &DrawingArea<B, Shift>,
    scale: f64,
) -> Result<(), DrawError> {
    let at = |&(x, y): &(f64, f64)| ((x * scale).round() as i32, (y * scale).round() as i32);
    let paint = |color: Paint| {
        let [red, green, blue] = color.rgb(theme);
        RGBColor(red, green, blue)
    };
    area.fill(&paint(Paint::Paper)).map_err(boxed)?;
    for shape in &figure.shapes {
        let drawn = match shape {
            Shape::Rectangle {
                x,
                y,
                width,
                height,
                color,
            } => {
                let corners = [at(&(*x, *y)), at(&(x + width, y + height))];
                area.draw(&Rectangle::new(corners, paint(*color).filled()))
            }
            Shape::Line {
                points,
                width,
                color,
            } => {
                let width = (width * scale).round().max(1.0) as u32;
                let points: Vec<_> = points.iter().map(at).collect();
                area.draw(&PathElement::new(points, paint(*color).stroke_width(width)))
            }
            Shape::Polygon {
                points,
                color,
                opacity,
            } => {
                let points: Vec<_> = points.iter().map(at).collect();
                area.draw(&Polygon::new(points, paint(*color).mix(*opacity)))
            }
            Shape::Text(_) => Ok(()),
        };
        drawn.map_err(boxed)?;
    }
    Ok(())
}

fn draw_text(label: &Label, ink: Rgb, bitmap: &mut [u8], width: u32, scale: f64) {
    let [left, _, _, bottom] = label.bounds().map(|edge| edge * scale);
    let size = label.size * scale;
    let half = size * font::CAPITAL / 2.0;
    let (x, y) = (label.x * scale, label.y * scale);
    let width = width as usize;
    let height = bitmap.len() / 3 / width;
    font::rasterize(&label.text, size, |along, down, share| {
        let (column, row) = if label.turned {
            (x + half + f64::from(down), bottom - f64::from(along))
        } else {
            (left + f64::from(along), y + half + f64::from(down))
        };
        let (column, row) = (column.round(), row.round());
        let inside = column >= 0.0 && row >= 0.0 && column < width as f64 && row < height as f64;
        if inside {
            let start = (row as usize * width + column as usize) * 3;
            for (byte, ink) in bitmap[start..start + 3].iter_mut().zip(ink) {
                let mixed = f32::from(*byte) * (1.0 - share) + f32::from(ink) * share;
                *byte = mixed.round() as u8;
            }
        }
    });
}

/// Means over squares of `side` by `side` pixels.
fn average(bitmap: &[u8], width: u32, side: u32) -> Vec<u8> {
    let (row, side) = (width as usize * 3, side as usize);
    let mut small = Vec::with_capacity(bitmap.len() / side / side);
    for rows in bitmap.chunks_exact(row * side) {
        for column in (0..row).step_by(3 * side) {
            for channel in 0..3 {
                let squares = (0..side).flat_map(|dy| (0..side).map(move |dx| (dx, dy)));
                let sum: usize = squares
                    .map(|(dx, dy)| usize::from(rows[dy * row + column + dx * 3 + channel]))
                    .sum();
                small.push((sum / (side * side)) as u8);
            }
        }
    }
    small
}

fn encode_png(bitmap: &[u8], width: u32, height: u32, scale: u32) -> Result<Vec<u8>, DrawError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // A CSS pixel is 1/96 inch.
    let per_meter = (f64::from(96 * scale) / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_meter,
        yppu: per_meter,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header().map_err(boxed)?;
    writer.write_image_data(bitmap).map_err(boxed)?;
    writer.finish().map_err(boxed)?;
    Ok(bytes)
}

fn pixels(figure: &Figure, scale: u32) -> (u32, u32) {
    let side = |length: f64| length.ceil() as u32 * scale;
    (side(figure.width), side(figure.height))
}

fn boxed(error: impl std::error::Error + Send + Sync + 'static) -> DrawError {
    error.into()
}
