//! Rows and columns of tasks: their order, their groups and their labels.

use std::ops::Range;

use paramalloc_core::summary::Summary;

use super::figure::{Align, Figure, LABEL};
use super::font;
use super::palette::{INK, MUTED, RULE};
use crate::task_order::TaskOrder;

/// Names are cut at this width.
const NAME_LIMIT: f64 = 210.0;
const GROUP_LIMIT: f64 = 150.0;
/// Space between a label and what it labels.
const GAP: f64 = 7.0;
/// Space between two groups of rows.
const GROUP_GAP: f64 = 8.0;

/// Places of the tasks along one side of a matrix.
pub struct Track {
    /// Start of each task, in the order of [`TaskOrder::order`].
    pub starts: Vec<f64>,
    /// Length of each task.
    pub cell: f64,
    /// Length of them all, with the gaps between groups.
    pub length: f64,
}

impl Track {
    /// `gap` is left between two tasks, and more between two groups.
    pub fn new(tasks: &TaskOrder, cell: f64, gap: f64) -> Self {
        let mut starts = Vec::new();
        let mut at = 0.0;
        for (index, (_, range)) in tasks.groups.iter().enumerate() {
            if index > 0 {
                at += GROUP_GAP;
            }
            for _ in range.clone() {
                starts.push(at);
                at += cell + gap;
            }
        }
        let length = (at - gap).max(0.0);
        Self {
            starts,
            cell,
            length,
        }
    }

    /// Without gaps.
    pub fn plain(tasks: usize, cell: f64) -> Self {
        Self {
            starts: (0..tasks).map(|index| index as f64 * cell).collect(),
            cell,
            length: tasks as f64 * cell,
        }
    }

    /// Start and end of a range of tasks.
    pub fn span(&self, range: &Range<usize>) -> (f64, f64) {
        let last = range.end.saturating_sub(1);
        (self.starts[range.start], self.starts[last] + self.cell)
    }

    /// Font size of the names, and every how many tasks one is written.
    fn names(&self) -> (f64, usize) {
        let size = LABEL.min(self.cell * 0.92).max(7.5);
        (size, (size * 1.05 / self.cell).ceil().max(1.0) as usize)
    }
}

/// The name of each task as the figures show it, and the width of the widest.
fn names(summary: &Summary, tasks: &TaskOrder, size: f64) -> (Vec<String>, f64) {
    let names: Vec<String> = tasks
        .order
        .iter()
        .map(|&task| font::fit(&summary.tasks[task].name, size, NAME_LIMIT))
        .collect();
    let widest = names.iter().map(|name| font::width(name, size));
    let widest = widest.fold(0.0, f64::max);
    (names, widest)
}

/// Room that [`draw_rows`] needs to the left of the matrix.
pub fn rows_width(summary: &Summary, tasks: &TaskOrder, track: &Track) -> f64 {
    let (_, names) = names(summary, tasks, track.names().0);
    let names = names * font::WIDER + GAP;
    if !tasks.is_grouped() {
        return names;
    }
    let groups = tasks.groups.iter();
    let widest = groups.map(|(name, _)| font::width(name, LABEL).min(GROUP_LIMIT));
    names + widest.fold(0.0, f64::max) * font::WIDER + 3.0 * GAP
}

/// Names the tasks, and their groups by a bar, to the left of `x`.
pub fn draw_rows(
    figure: &mut Figure,
    summary: &Summary,
    tasks: &TaskOrder,
    track: &Track,
    (x, y): (f64, f64),
) {
    let (size, every) = track.names();
    let (names, widest) = names(summary, tasks, size);
    for (position, name) in names.iter().enumerate().step_by(every) {
        let middle = y + track.starts[position] + track.cell / 2.0;
        figure.text(name, (x - GAP, middle), size, INK, Align::End);
    }
    let bar = x - GAP - widest * font::WIDER - 1.5 * GAP;
    for (name, range) in tasks.groups.iter().filter(|(name, _)| !name.is_empty()) {
        let (start, end) = track.span(range);
        figure.rectangle(bar, y + start, 2.0, end - start, RULE);
        if end - start < LABEL * font::CAPITAL {
            continue;
        }
        let middle = y + (start + end) / 2.0;
        let name = font::fit(name, LABEL, GROUP_LIMIT);
        figure.text(&name, (bar - GAP, middle), LABEL, MUTED, Align::End);
    }
}

/// Names the tasks below a matrix, reading upwards, and their groups by a
/// bar. `y` is the bottom of the matrix.
pub fn draw_columns(
    figure: &mut Figure,
    summary: &Summary,
    tasks: &TaskOrder,
    track: &Track,
    (x, y): (f64, f64),
) {
    let (size, every) = track.names();
    let (names, _) = names(summary, tasks, size);
    let grouped = tasks.is_grouped();
    let y = if grouped { y + GAP + 3.5 } else { y };
    for (position, name) in names.iter().enumerate().step_by(every) {
        let middle = x + track.starts[position] + track.cell / 2.0;
        figure.turned(name, (middle, y + GAP), size, INK, Align::End);
    }
    for (_, range) in tasks.groups.iter().filter(|(name, _)| !name.is_empty()) {
        let (start, end) = track.span(range);
        figure.rectangle(x + start, y - 3.5, end - start, 2.0, RULE);
    }
}
