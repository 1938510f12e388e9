//! Title and captions on top of each figure.

use paramalloc_core::summary::Summary;

use super::figure::{Align, CAPTION, Figure, MARGIN, TITLE};
use super::palette::{INK, MUTED};
use crate::caption;

/// Writes the title, what run it is, and `captions`; returns the y below.
pub fn draw(figure: &mut Figure, title: &str, summary: &Summary, captions: &[String]) -> f64 {
    let lines: Vec<String> = std::iter::once(caption::of_run(summary))
        .chain(captions.iter().cloned())
        .collect();
    draw_lines(figure, title, &lines)
}

/// Writes the title and `lines` below; returns the y below.
pub fn draw_lines(figure: &mut Figure, title: &str, lines: &[String]) -> f64 {
    let mut y = MARGIN + TITLE * 0.4;
    figure.text(title, (MARGIN, y), TITLE, INK, Align::Start);
    y += TITLE * 0.5 + CAPTION;
    for line in lines {
        figure.text(line, (MARGIN, y), CAPTION, MUTED, Align::Start);
        y += CAPTION * 1.45;
    }
    y + CAPTION * 0.5
}
