//! The task similarity matrix.

use paramalloc_core::summary::Summary;
use paramalloc_core::summary::similarity::{group_similarity, similarity};

use super::figure::{Align, Figure, MARGIN};
use super::palette;
use super::scale_bar;
use super::task_labels::{self, Track};
use super::{font, heading};
use crate::task_order::TaskOrder;

/// Smallest font size of the numbers in the cells.
const SMALLEST: f64 = 8.5;

/// Tasks down and across; numbers in the cells where they fit.
pub fn draw(summary: &Summary) -> Figure {
    let values = similarity(summary);
    let mut figure = Figure::default();
    let mut captions =
        vec!["Cosine of two tasks' rows of the 0/1 allocation, over all routed layers.".to_owned()];
    captions.extend(group_caption(summary, &values));
    let top = heading::draw(&mut figure, "Task similarity", summary, &captions);
    let tasks = TaskOrder::new(summary);
    let cell = (1000.0 / tasks.order.len() as f64).clamp(4.0, 48.0);
    let track = Track::new(&tasks, cell, 0.0);
    let left = MARGIN + task_labels::rows_width(summary, &tasks, &track);
    task_labels::draw_rows(&mut figure, summary, &tasks, &track, (left, top));
    let bottom = top + track.length;
    task_labels::draw_columns(&mut figure, summary, &tasks, &track, (left, bottom));

    let size = (cell * 0.36).min(13.0);
    let digits = size >= SMALLEST && font::width("0.00", size) <= cell * 0.86;
    let inset = (cell * 0.02).clamp(0.0, 0.5);
    for (row, &task) in tasks.order.iter().enumerate() {
        for (column, &other) in tasks.order.iter().enumerate() {
            let value = values[task][other];
            let (x, y) = (left + track.starts[column], top + track.starts[row]);
            let side = cell - 2.0 * inset;
            figure.rectangle(x + inset, y + inset, side, side, palette::heat(value));
            if digits {
                let middle = (x + cell / 2.0, y + cell / 2.0);
                let color = palette::on_heat(value);
                figure.text(&format!("{value:.2}"), middle, size, color, Align::Middle);
            }
        }
    }
    scale_bar::draw(
        &mut figure,
        (left + track.length + 28.0, top),
        track.length,
        "similarity",
    );
    figure
}

/// The means within and between groups, where there are such pairs.
fn group_caption(summary: &Summary, values: &[Vec<f64>]) -> Option<String> {
    let groups = group_similarity(summary, values);
    if groups.groups.len() < 2 {
        return None;
    }
    let within = groups.within.map(|mean| format!("{mean:.2} within groups"));
    let between = groups
        .between
        .map(|mean| format!("{mean:.2} between groups"));
    let means: Vec<String> = within.into_iter().chain(between).collect();
    (!means.is_empty()).then(|| format!("Mean over pairs of tasks: {}.", means.join(", ")))
}
