//! Title and captions on top of each picture.

use paramalloc_core::summary::Summary;

use super::palette::{INK, MUTED};
use super::picture::{Align, CAPTION, MARGIN, Picture, TITLE};
use crate::number;

/// Writes the title, what run it is, and `captions`; returns the y below.
pub fn draw(picture: &mut Picture, title: &str, summary: &Summary, captions: &[String]) -> f64 {
    let lines: Vec<String> = std::iter::once(run(summary))
        .chain(captions.iter().cloned())
        .collect();
    draw_lines(picture, title, &lines)
}

/// Writes the title and `lines` below; returns the y below.
pub fn draw_lines(picture: &mut Picture, title: &str, lines: &[String]) -> f64 {
    let mut y = MARGIN + TITLE * 0.4;
    picture.text(title, (MARGIN, y), TITLE, INK, Align::Start);
    y += TITLE * 0.5 + CAPTION;
    for line in lines {
        picture.text(line, (MARGIN, y), CAPTION, MUTED, Align::Start);
        y += CAPTION * 1.45;
    }
    y + CAPTION * 0.5
}

/// What run it is, in one line.
pub fn run(summary: &Summary) -> String {
    let steps = number::thousands(summary.global_step);
    let steps = if summary.finished {
        format!("{steps} task steps")
    } else {
        let total = number::thousands(summary.total_task_steps);
        format!("interrupted after {steps} of {total} task steps")
    };
    let data = &summary.data;
    let stand_in = if data.real { "" } else { " (a stand-in)" };
    format!(
        "{} · {} · seed {} · {steps} · data: {}{stand_in}",
        summary.experiment, summary.method, summary.seed, data.name
    )
}
