//! A figure as a list of shapes. The layout code fills the list and cannot
//! fail; `render` turns it into a PNG or an SVG.

use std::collections::BTreeMap;

use super::font;
use super::palette::Color;
use crate::format::printable;

/// Space around a figure.
pub const MARGIN: f64 = 24.0;
/// How much a band hides.
pub const OPACITY: f64 = 0.22;
/// Font sizes.
pub const TITLE: f64 = 21.0;
pub const CAPTION: f64 = 13.0;
pub const LABEL: f64 = 12.0;
pub const SMALL: f64 = 10.5;

/// Lengths are in units of a CSS pixel; y grows downwards.
#[derive(Clone, Debug, Default)]
pub struct Figure {
    /// Width and height that hold all shapes and the margin.
    pub width: f64,
    pub height: f64,
    pub shapes: Vec<Shape>,
    /// By the index of a shape, what a viewer says when one points at it.
    pub hints: BTreeMap<usize, String>,
}

/// One mark on the figure.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A filled rectangle.
    Rectangle {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        color: Color,
    },
    /// Straight lines from point to point.
    Line {
        points: Vec<(f64, f64)>,
        width: f64,
        color: Color,
    },
    /// A filled polygon.
    Polygon {
        points: Vec<(f64, f64)>,
        color: Color,
        /// How much it hides, 0 to 1.
        opacity: f64,
    },
    /// One line of text.
    Text(Text),
}

/// Which point of a text lies at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Start,
    Middle,
    End,
}

/// One line of text.
#[derive(Clone, Debug)]
pub struct Text {
    pub text: String,
    pub x: f64,
    /// Middle of the capital letters.
    pub y: f64,
    pub size: f64,
    pub color: Color,
    pub align: Align,
    /// Reads upwards, turned about its position.
    pub turned: bool,
}

impl Text {
    /// Left, top, right and bottom of the capital letters' band.
    pub fn bounds(&self) -> [f64; 4] {
        let length = font::width(&self.text, self.size);
        let half = self.size * font::CAPITAL / 2.0;
        let before = match self.align {
            Align::Start => 0.0,
            Align::Middle => length / 2.0,
            Align::End => length,
        };
        let after = length - before;
        if self.turned {
            let (left, right) = (self.x - half, self.x + half);
            [left, self.y - after, right, self.y + before]
        } else {
            let (top, bottom) = (self.y - half, self.y + half);
            [self.x - before, top, self.x + after, bottom]
        }
    }
}

impl Figure {
    /// Says something of the newest shape to those who point at it, where the
    /// viewer can.
    pub fn hint(&mut self, text: String) {
        let newest = self.shapes.len().saturating_sub(1);
        self.hints.insert(newest, printable(&text));
    }

    /// A filled rectangle.
    pub fn rectangle(&mut self, x: f64, y: f64, width: f64, height: f64, color: Color) {
        self.grow(x + width, y + height);
        self.shapes.push(Shape::Rectangle {
            x,
            y,
            width,
            height,
            color,
        });
    }

    /// Straight lines from point to point.
    pub fn line(&mut self, points: Vec<(f64, f64)>, width: f64, color: Color) {
        for &(x, y) in &points {
            self.grow(x, y);
        }
        self.shapes.push(Shape::Line {
            points,
            width,
            color,
        });
    }

    /// The outline of a rectangle.
    pub fn frame(&mut self, x: f64, y: f64, width: f64, height: f64, color: Color) {
        let (right, bottom) = (x + width, y + height);
        let points = vec![(x, y), (right, y), (right, bottom), (x, bottom), (x, y)];
        self.line(points, 1.0, color);
    }

    /// A filled polygon.
    pub fn polygon(&mut self, points: Vec<(f64, f64)>, color: Color) {
        self.push_polygon(points, color, 1.0);
    }

    /// A filled polygon through which one sees what is behind it.
    pub fn glass(&mut self, points: Vec<(f64, f64)>, color: Color) {
        self.push_polygon(points, color, OPACITY);
    }

    fn push_polygon(&mut self, points: Vec<(f64, f64)>, color: Color, opacity: f64) {
        for &(x, y) in &points {
            self.grow(x, y);
        }
        self.shapes.push(Shape::Polygon {
            points,
            color,
            opacity,
        });
    }

    /// One line of level text.
    pub fn text(&mut self, text: &str, (x, y): (f64, f64), size: f64, color: Color, to: Align) {
        self.push_text(text, (x, y), size, color, to, false);
    }

    /// One line of text that reads upwards.
    pub fn turned(&mut self, text: &str, (x, y): (f64, f64), size: f64, color: Color, to: Align) {
        self.push_text(text, (x, y), size, color, to, true);
    }

    fn push_text(
        &mut self,
        text: &str,
        (x, y): (f64, f64),
        size: f64,
        color: Color,
        align: Align,
        turned: bool,
    ) {
        let text = Text {
            text: printable(text),
            x,
            y,
            size,
            color,
            align,
            turned,
        };
        let [left, top, right, bottom] = text.bounds();
        if turned {
            self.grow(right, top + (bottom - top) * font::WIDER);
        } else {
            self.grow(left + (right - left) * font::WIDER, bottom);
        }
        self.shapes.push(Shape::Text(text));
    }

    fn grow(&mut self, right: f64, bottom: f64) {
        self.width = self.width.max((right + MARGIN).ceil());
        self.height = self.height.max((bottom + MARGIN).ceil());
    }
}
