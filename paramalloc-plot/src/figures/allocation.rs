//! The allocation: which task uses which component.

use paramalloc_core::summary::{RoutedLayerSummary, Summary};

use super::components::{self, Block};
use super::figure::{Align, Figure, LABEL, MARGIN, SMALL};
use super::palette::{EMPTY, INK, MUTED};
use super::task_colors::TaskColors;
use super::task_labels::{self, Track};
use super::{font, heading};
use crate::format;
use crate::task_order::TaskOrder;
use crate::warnings;

/// Length of a bar of a task that uses everything.
const BAR: f64 = 90.0;

/// Tasks down, components across, one block per routed layer; beside each task
/// how much it uses, with the `budget` if there is one.
pub fn draw(summary: &Summary, budget: Option<f64>) -> Figure {
    let mut figure = Figure::default();
    let top = heading::draw(&mut figure, "Allocation", summary, &captions(summary));
    let tasks = TaskOrder::by_similarity(summary);
    let columns = summary.routed_layers.iter().map(|l| l.components.len());
    let columns: usize = columns.sum();
    let rows = tasks.order.len();
    let cell = (860.0 / rows as f64)
        .min(980.0 / columns as f64)
        .clamp(4.0, 40.0);
    let track = Track::new(&tasks, cell, 0.0);

    let left = MARGIN + task_labels::rows_width(summary, &tasks, &track);
    let blocks = components::place(&summary.routed_layers, left, cell);
    let y = components::draw_layer_names(&mut figure, &blocks, top);
    task_labels::draw_rows(&mut figure, summary, &tasks, &track, (left, y));
    let colors = TaskColors::new(summary);
    for block in &blocks {
        draw_cells(&mut figure, (summary, block), &tasks, (&track, y), &colors);
    }
    components::draw_names(&mut figure, &blocks, cell, y + track.length);
    let right = blocks.last().map_or(left, |block| block.x + block.width);
    draw_usage(&mut figure, (summary, budget), &tasks, &track, (right, y));
    figure
}

fn captions(summary: &Summary) -> Vec<String> {
    let (low, high) = warnings::UNDECIDED;
    let mut layers = summary.allocated_layers();
    let learned = layers.any(|layer| !layer.probabilities.is_empty());
    match learned {
        true => vec![
            "A filled cell: the task (row) uses the component (column). Tasks that use the same stand together.".to_owned(),
            format!(
                "A half cell: not decided, with a probability between {low} and {high}, which is its shade."
            ),
        ],
        false => {
            vec!["A filled cell: the task (row) uses the component (column).".to_owned()]
        }
    }
}

fn draw_cells(
    figure: &mut Figure,
    (summary, block): (&Summary, &Block<'_>),
    tasks: &TaskOrder,
    (track, y): (&Track, f64),
    colors: &TaskColors,
) {
    let cell = track.cell;
    let inset = (cell * 0.06).clamp(0.3, 1.5);
    let side = cell - 2.0 * inset;
    for (position, &task) in tasks.order.iter().enumerate() {
        let y = y + track.starts[position] + inset;
        for (component, &used) in block.layer.allocation[task].iter().enumerate() {
            let x = block.x + component as f64 * cell + inset;
            let probability = probability(block.layer, task, component);
            let share = probability.unwrap_or(f64::from(used));
            if is_undecided(probability) {
                figure.rectangle(x, y, side, side, EMPTY);
                let points = vec![(x, y), (x + side, y + side), (x, y + side)];
                // Even a faint half must be seen.
                figure.polygon(points, colors.shade(task, 0.25 + 0.75 * share));
            } else if used == 1 {
                figure.rectangle(x, y, side, side, colors.shade(task, share));
            } else {
                figure.rectangle(x, y, side, side, EMPTY);
            }
            let name = &summary.tasks[task].name;
            let what = format!("{name}, {} {component}", block.layer.name);
            let uses = if used == 1 { "used" } else { "not used" };
            figure.hint(match probability {
                Some(p) => format!("{what}: {uses}, probability {p:.3}"),
                None => format!("{what}: {uses}"),
            });
        }
    }
}

/// Of a router; gates have none.
fn probability(layer: &RoutedLayerSummary, task: usize, component: usize) -> Option<f64> {
    let row = layer.probabilities.get(task).filter(|_| !layer.gated)?;
    row.get(component).map(|&p| f64::from(p))
}

fn is_undecided(probability: Option<f64>) -> bool {
    let (low, high) = warnings::UNDECIDED;
    probability.is_some_and(|p| p > f64::from(low) && p < f64::from(high))
}

/// How much each task uses, to the right of its row: a bar for the share of the
/// components, by which the budget is, and numbers where they can be read.
fn draw_usage(
    figure: &mut Figure,
    (summary, budget): (&Summary, Option<f64>),
    tasks: &TaskOrder,
    track: &Track,
    (x, y): (f64, f64),
) {
    let colors = TaskColors::new(summary);
    let shares = expected_shares(summary);
    let left = x + 20.0;
    let head = y - 7.0 - LABEL / 2.0;
    figure.text("components", (left, head), SMALL, MUTED, Align::Start);
    let height = (track.cell * 0.62).max(2.0);
    for (position, &task) in tasks.order.iter().enumerate() {
        let top = y + track.starts[position] + (track.cell - height) / 2.0;
        figure.rectangle(left, top, BAR, height, EMPTY);
        figure.rectangle(left, top, BAR * shares[task], height, colors.of(task));
        let share = format::percent(shares[task], 1);
        figure.hint(format!(
            "{}: {share} of the components",
            summary.tasks[task].name
        ));
    }
    let budget = budget.filter(|_| summary.allocated_layers().next().is_some());
    if let Some(budget) = budget {
        let at = left + BAR * budget.clamp(0.0, 1.0);
        let bottom = y + track.length + 4.0;
        figure.line(vec![(at, y - 2.0), (at, bottom)], 1.5, INK);
        let label = format!("budget {}", format::percent(budget, 0));
        let at = (at, bottom + 3.0 + SMALL / 2.0);
        figure.text(&label, at, SMALL, MUTED, Align::Middle);
    }
    if track.cell >= 9.0 {
        draw_numbers(figure, summary, tasks, track, (left + BAR, y));
    }
}

/// How many components each task uses, and what share of the parameters.
fn draw_numbers(
    figure: &mut Figure,
    summary: &Summary,
    tasks: &TaskOrder,
    track: &Track,
    (x, y): (f64, f64),
) {
    let size = LABEL.min(track.cell * 0.92);
    let row = |task: usize| {
        let layers = counted(summary).into_iter();
        layers.flat_map(move |layer| &layer.allocation[task])
    };
    let used = |task: usize| row(task).filter(|&&u| u == 1).count();
    let count = |task: usize| format!("{} of {}", used(task), row(task).count());
    let widest = (0..summary.tasks.len()).map(|task| font::width(&count(task), size));
    let widest = widest.fold(0.0, f64::max) * font::WIDER;
    let heads = "parameters";
    let rights = [
        x + 12.0 + widest,
        x + 30.0 + widest + font::width(heads, SMALL) * font::WIDER,
    ];
    let head = (rights[1], y - 7.0 - LABEL / 2.0);
    figure.text(heads, head, SMALL, MUTED, Align::End);
    for (position, &task) in tasks.order.iter().enumerate() {
        let middle = y + track.starts[position] + track.cell / 2.0;
        let share = format::percent(summary.tasks[task].parameter_share, 0);
        for (label, right) in [count(task), share].iter().zip(rights) {
            figure.text(label, (right, middle), size, INK, Align::End);
        }
    }
}

/// The layers by which tasks are compared: without those that have gates, which a
/// budget does not limit, where there are others.
fn counted(summary: &Summary) -> Vec<&RoutedLayerSummary> {
    let allocated: Vec<_> = summary.allocated_layers().collect();
    match allocated.is_empty() {
        true => summary.routed_layers.iter().collect(),
        false => allocated,
    }
}

/// Mean of each task's connection probabilities, which the budget limits; the
/// share of the components that it uses under a fixed router.
pub fn expected_shares(summary: &Summary) -> Vec<f64> {
    let share = |task: usize| {
        let layers = counted(summary).into_iter();
        let values = layers.flat_map(|layer| match layer.probabilities.get(task) {
            Some(row) => row.iter().map(|&p| f64::from(p)).collect::<Vec<_>>(),
            None => layer.allocation[task]
                .iter()
                .map(|&u| f64::from(u))
                .collect(),
        });
        format::mean(values).unwrap_or(0.0)
    };
    (0..summary.tasks.len()).map(share).collect()
}
