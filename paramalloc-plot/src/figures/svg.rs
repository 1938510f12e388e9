//! A figure as SVG.

use std::fmt::Write as _;

use super::figure::{Align, Figure, Shape, Text};
use super::font;
use super::palette::Color;

/// The figure as an SVG element whose colors `paint` says.
pub fn svg(figure: &Figure, paint: &mut dyn FnMut(Color) -> String) -> String {
    let (width, height) = (figure.width.ceil(), figure.height.ceil());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"{}\">\n",
        font::FAMILIES
    );
    let paper = paint(Color::Paper);
    let _ = writeln!(
        svg,
        "<rect width=\"{width}\" height=\"{height}\" fill=\"{paper}\"/>"
    );
    for (index, shape) in figure.shapes.iter().enumerate() {
        let hint = figure.hints.get(&index);
        let (tag, attributes) = match shape {
            Shape::Rectangle {
                x,
                y,
                width,
                height,
                color,
            } => (
                "rect",
                format!(
                    "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"",
                    Short(*x),
                    Short(*y),
                    Short(*width),
                    Short(*height),
                    paint(*color)
                ),
            ),
            Shape::Line {
                points,
                width,
                color,
            } => (
                "polyline",
                format!(
                    "points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
                    listed(points),
                    paint(*color),
                    Short(*width)
                ),
            ),
            Shape::Polygon {
                points,
                color,
                opacity,
            } => {
                let opacity = match *opacity < 1.0 {
                    true => format!(" fill-opacity=\"{}\"", Short(*opacity)),
                    false => String::new(),
                };
                let (points, color) = (listed(points), paint(*color));
                (
                    "polygon",
                    format!("points=\"{points}\" fill=\"{color}\"{opacity}"),
                )
            }
            Shape::Text(text) => {
                text_element(&mut svg, text, &paint(text.color));
                continue;
            }
        };
        let _ = match hint {
            None => writeln!(svg, "<{tag} {attributes}/>"),
            Some(hint) => writeln!(
                svg,
                "<{tag} {attributes}><title>{}</title></{tag}>",
                escaped(hint)
            ),
        };
    }
    svg + "</svg>\n"
}

fn text_element(svg: &mut String, text: &Text, color: &str) {
    let anchor = match text.align {
        Align::Start => "start",
        Align::Middle => "middle",
        Align::End => "end",
    };
    // SVG places the base line, the figure the middle of the capitals.
    let down = font::CAPITAL / 2.0 * text.size;
    let (x, y) = match text.turned {
        true => (text.x + down, text.y),
        false => (text.x, text.y + down),
    };
    let (x, y) = (Short(x), Short(y));
    let turned = match text.turned {
        true => format!(" transform=\"rotate(-90 {x} {y})\""),
        false => String::new(),
    };
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" text-anchor=\"{anchor}\" fill=\"{color}\"{turned}>{}</text>",
        Short(text.size),
        escaped(&text.text)
    );
}

fn listed(points: &[(f64, f64)]) -> String {
    let points = points
        .iter()
        .map(|&(x, y)| format!("{},{}", Short(x), Short(y)));
    points.collect::<Vec<_>>().join(" ")
}

/// A length with at most two decimals.
#[derive(Clone, Copy)]
struct Short(f64);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", (self.0 * 100.0).round() / 100.0)
    }
}

/// Text without what XML and HTML act on.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            _ => escaped.push(c),
        }
    }
    escaped
}
