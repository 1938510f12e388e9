//! The allocation: which task uses which component.

use paramalloc_core::summary::{RoutedLayerSummary, Summary};

use super::figure::{Align, Figure, LABEL, MARGIN, SMALL};
use super::palette::{EMPTY, INK, MUTED, RULE};
use super::task_labels::{self, Track};
use super::{font, heading};
use crate::format;
use crate::task_order::TaskOrder;

/// Names of components that read upwards are cut at this length.
const COMPONENT_LIMIT: f64 = 190.0;

/// The columns of one routed layer.
struct Block<'a> {
    layer: &'a RoutedLayerSummary,
    x: f64,
    width: f64,
}

/// Tasks down, components across, one block per routed layer.
pub fn draw(summary: &Summary) -> Figure {
    let mut figure = Figure::default();
    let captions = ["A filled cell: the task (row) uses the component (column).".to_owned()];
    let top = heading::draw(&mut figure, "Allocation", summary, &captions);
    let tasks = TaskOrder::new(summary);
    let columns: usize = summary
        .routed_layers
        .iter()
        .map(|l| l.components.len())
        .sum();
    let rows = tasks.order.len();
    let cell = (860.0 / rows as f64)
        .min(980.0 / columns as f64)
        .clamp(4.0, 40.0);
    let track = Track::new(&tasks, cell, 0.0);

    let left = MARGIN + task_labels::rows_width(summary, &tasks, &track);
    let blocks = place_blocks(&summary.routed_layers, left, cell);
    let y = draw_layer_names(&mut figure, &blocks, top);
    task_labels::draw_rows(&mut figure, summary, &tasks, &track, (left, y));
    for block in &blocks {
        draw_cells(&mut figure, block, &tasks, &track, y);
    }
    draw_components(&mut figure, &blocks, cell, y + track.length);
    let right = blocks.last().map_or(left, |block| block.x + block.width);
    draw_usage(&mut figure, summary, &tasks, &track, (right, y));
    figure
}

fn place_blocks<'a>(layers: &'a [RoutedLayerSummary], left: f64, cell: f64) -> Vec<Block<'a>> {
    let gap = (cell * 0.7).max(10.0);
    let mut x = left;
    let block = |layer: &'a RoutedLayerSummary| {
        let width = cell * layer.components.len() as f64;
        let block = Block { layer, x, width };
        x += width + gap;
        block
    };
    layers.iter().map(block).collect()
}

/// Layer names over the blocks, turned where one is too long; returns the top
/// of the cells.
fn draw_layer_names(figure: &mut Figure, blocks: &[Block<'_>], top: f64) -> f64 {
    let level =
        |block: &Block<'_>| font::width(&block.layer.name, LABEL) * font::WIDER <= block.width;
    if blocks.iter().all(level) {
        let y = top + LABEL / 2.0;
        for block in blocks {
            let middle = (block.x + block.width / 2.0, y);
            figure.text(&block.layer.name, middle, LABEL, INK, Align::Middle);
        }
        return top + LABEL + 7.0;
    }
    let names: Vec<String> = blocks
        .iter()
        .map(|block| font::fit(&block.layer.name, LABEL, COMPONENT_LIMIT))
        .collect();
    let longest = names.iter().map(|name| font::width(name, LABEL));
    let bottom = top + longest.fold(0.0, f64::max) * font::WIDER;
    for (block, name) in blocks.iter().zip(&names) {
        let x = block.x + block.width / 2.0;
        figure.turned(name, (x, bottom), LABEL, INK, Align::Start);
    }
    bottom + 7.0
}

fn draw_cells(figure: &mut Figure, block: &Block<'_>, tasks: &TaskOrder, track: &Track, y: f64) {
    let cell = track.cell;
    let inset = (cell * 0.06).clamp(0.3, 1.5);
    for (position, &task) in tasks.order.iter().enumerate() {
        let y = y + track.starts[position] + inset;
        for (component, &used) in block.layer.allocation[task].iter().enumerate() {
            let x = block.x + component as f64 * cell + inset;
            let color = if used == 1 {
                task_labels::color(tasks, position)
            } else {
                EMPTY
            };
            let side = cell - 2.0 * inset;
            figure.rectangle(x, y, side, side, color);
        }
    }
}

/// A run of neighboring components of the same name.
struct Run<'a> {
    name: &'a str,
    x: f64,
    width: f64,
}

/// Numbers and names of the components below the blocks.
fn draw_components(figure: &mut Figure, blocks: &[Block<'_>], cell: f64, bottom: f64) {
    let mut y = bottom + 5.0;
    if cell >= 14.0 {
        y += SMALL / 2.0;
        for block in blocks {
            for component in 0..block.layer.components.len() {
                let x = block.x + (component as f64 + 0.5) * cell;
                let label = component.to_string();
                figure.text(&label, (x, y), SMALL, MUTED, Align::Middle);
            }
        }
        y += SMALL / 2.0 + 5.0;
    }
    let runs: Vec<Run<'_>> = blocks.iter().flat_map(|block| runs(block, cell)).collect();
    let level = |run: &Run<'_>| font::width(run.name, LABEL) * font::WIDER <= run.width;
    let all_level = runs.iter().all(level);
    for run in &runs {
        figure.rectangle(run.x + 1.5, y, run.width - 3.0, 1.0, RULE);
        let middle = run.x + run.width / 2.0;
        if all_level {
            let at = (middle, y + 5.0 + LABEL / 2.0);
            figure.text(run.name, at, LABEL, INK, Align::Middle);
        } else if run.width >= SMALL {
            let name = font::fit(run.name, SMALL, COMPONENT_LIMIT);
            figure.turned(&name, (middle, y + 6.0), SMALL, INK, Align::End);
        }
    }
}

fn runs<'a>(block: &Block<'a>, cell: f64) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for (component, name) in block.layer.components.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if run.name == name => run.width += cell,
            _ => runs.push(Run {
                name,
                x: block.x + component as f64 * cell,
                width: cell,
            }),
        }
    }
    runs
}

/// How much each task uses, to the right of its row.
fn draw_usage(
    figure: &mut Figure,
    summary: &Summary,
    tasks: &TaskOrder,
    track: &Track,
    (x, y): (f64, f64),
) {
    if track.cell < 9.0 {
        return;
    }
    let size = LABEL.min(track.cell * 0.92);
    let rows = summary.allocation_rows();
    let heads = ["components", "parameters"];
    let widths = heads.map(|head| font::width(head, SMALL) * font::WIDER);
    let rights = [x + 18.0 + widths[0], x + 36.0 + widths[0] + widths[1]];
    for (head, right) in heads.iter().zip(rights) {
        let at = (right, y - 7.0 - LABEL / 2.0);
        figure.text(head, at, SMALL, MUTED, Align::End);
    }
    for (position, &task) in tasks.order.iter().enumerate() {
        let middle = y + track.starts[position] + track.cell / 2.0;
        let used = rows[task].iter().filter(|&&u| u == 1).count();
        let labels = [
            format!("{used} of {}", rows[task].len()),
            format::percent(summary.tasks[task].parameter_share, 0),
        ];
        for (label, right) in labels.iter().zip(rights) {
            figure.text(label, (right, middle), size, INK, Align::End);
        }
    }
}
