//! The connection probabilities at some moments of the training: a matrix for each,
//! where stripes over time would be too thin to be told apart.

use paramalloc_core::summary::{RoutedLayerSummary, Summary, TrainMetric};

use super::figure::{Align, Figure, LABEL, MARGIN, SMALL};
use super::palette::{self, INK, MUTED};
use super::task_labels::{self, Track};
use super::{font, heading, scale_bar};
use crate::format;
use crate::task_order::TaskOrder;

/// Width that the matrices have together, if possible.
const WIDTH: f64 = 1300.0;
/// Least and most moments.
const MOMENTS: (usize, usize) = (3, 6);
/// Space between two matrices, and between two layers of one.
const BETWEEN: f64 = 22.0;
const GAP: f64 = 4.0;
/// Shades of the probabilities: neighbors of one shade are drawn as one mark.
const SHADES: f64 = 40.0;

/// Tasks down, the components of all routed layers across, at moments between
/// which about as much has changed.
pub fn draw(summary: &Summary, lines: &[&TrainMetric]) -> Figure {
    let layers = &summary.routed_layers;
    let columns: usize = layers.iter().map(|layer| layer.components.len()).sum();
    let gaps = GAP * (layers.len() as f64 - 1.0);
    let cell = ((WIDTH / MOMENTS.1 as f64 - BETWEEN - gaps) / columns as f64).clamp(2.0, 16.0);
    let width = cell * columns as f64 + gaps;
    let most = ((WIDTH / (width + BETWEEN)) as usize).clamp(MOMENTS.0, MOMENTS.1);
    let moments = moments(lines, most);

    let mut figure = Figure::default();
    let names: Vec<String> = layers.iter().map(|layer| layer.heading()).collect();
    let across = format!(
        "Across, in each matrix: the components of {}.",
        names.join(", ")
    );
    let captions = [
        "The probability of each connection at some moments; about as much changes from each to the next."
            .to_owned(),
        font::fit(&across, super::figure::CAPTION, WIDTH),
    ];
    let title = "Connection probabilities over time";
    let top = heading::draw(&mut figure, title, summary, &captions) + LABEL + 9.0;
    let tasks = TaskOrder::by_similarity(summary);
    let row = (900.0 / tasks.order.len() as f64).clamp(4.0, 24.0);
    let track = Track::new(&tasks, row, 0.0);
    let left = MARGIN + task_labels::rows_width(summary, &tasks, &track);
    task_labels::draw_rows(&mut figure, summary, &tasks, &track, (left, top));
    for (index, line) in moments.iter().enumerate() {
        let x = left + index as f64 * (width + BETWEEN);
        let step = line.global_step as f64;
        let step = format::short(step, step);
        let label = match index {
            0 => format!("step {step}"),
            _ => step,
        };
        let at = (x + width / 2.0, top - 8.0 - LABEL / 2.0);
        figure.text(&label, at, LABEL, INK, Align::Middle);
        let mut at = x;
        for layer in layers {
            let here = (&track, cell, (at, top));
            draw_layer(&mut figure, (summary, layer), &tasks, line, here);
            at += cell * layer.components.len() as f64 + GAP;
        }
        draw_layer_names(&mut figure, layers, cell, (x, top + track.length));
    }
    let right = left + moments.len() as f64 * (width + BETWEEN) + 6.0;
    scale_bar::draw(&mut figure, (right, top), track.length, "probability");
    figure
}

/// The rows of one layer at one moment.
fn draw_layer(
    figure: &mut Figure,
    (summary, layer): (&Summary, &RoutedLayerSummary),
    tasks: &TaskOrder,
    line: &TrainMetric,
    (track, cell, (x, y)): (&Track, f64, (f64, f64)),
) {
    let Some(rows) = line.probabilities.get(&layer.name) else {
        return;
    };
    let inset = if track.cell >= 8.0 { 0.5 } else { 0.0 };
    let shade = |p: &f32| (f64::from(*p) * SHADES).round();
    for (position, &task) in tasks.order.iter().enumerate() {
        let Some(row) = rows.get(task) else { continue };
        let y = y + track.starts[position] + inset;
        let mut component = 0;
        for same in row.chunk_by(|a, b| shade(a) == shade(b)) {
            let x = x + component as f64 * cell;
            let width = cell * same.len() as f64;
            let color = palette::heat(shade(&same[0]) / SHADES);
            figure.rectangle(x, y, width, track.cell - 2.0 * inset, color);
            let components = match same.len() {
                1 => component.to_string(),
                several => format!("{component} to {}", component + several - 1),
            };
            figure.hint(format!(
                "{}, {} {components}: about {:.2}",
                summary.tasks[task].name, layer.name, same[0]
            ));
            component += same.len();
        }
    }
}

/// Below a matrix, where all names can be read.
fn draw_layer_names(
    figure: &mut Figure,
    layers: &[RoutedLayerSummary],
    cell: f64,
    (x, y): (f64, f64),
) {
    let width = |layer: &RoutedLayerSummary| cell * layer.components.len() as f64;
    let fits = |layer: &RoutedLayerSummary| {
        font::width(&layer.heading(), SMALL) * font::WIDER <= width(layer) + GAP
    };
    if !layers.iter().all(fits) {
        return;
    }
    let mut at = x;
    for layer in layers {
        let middle = (at + width(layer) / 2.0, y + 6.0 + SMALL / 2.0);
        figure.text(&layer.heading(), middle, SMALL, MUTED, Align::Middle);
        at += width(layer) + GAP;
    }
}

/// At most `most` of the lines, the first and the last among them, so that about as
/// much changes from each to the next.
fn moments<'a>(lines: &[&'a TrainMetric], most: usize) -> Vec<&'a TrainMetric> {
    let mut way = vec![0.0];
    for pair in lines.windows(2) {
        way.push(way[way.len() - 1] + change(pair[0], pair[1]));
    }
    let whole = way[way.len() - 1];
    let mut found: Vec<&TrainMetric> = Vec::new();
    for moment in 0..most {
        let wanted = whole * moment as f64 / (most - 1).max(1) as f64;
        let nearest = |(_, a): &(usize, &f64), (_, b): &(usize, &f64)| {
            (*a - wanted).abs().total_cmp(&(*b - wanted).abs())
        };
        let index = way
            .iter()
            .enumerate()
            .min_by(nearest)
            .map(|(index, _)| index);
        let index = if moment + 1 == most {
            Some(lines.len() - 1)
        } else {
            index
        };
        let line = index.map(|index| lines[index]);
        found.extend(line.filter(|line| {
            let last = found.last();
            last.is_none_or(|last| last.global_step < line.global_step)
        }));
    }
    found
}

/// How far all probabilities are from those of another line.
fn change(a: &TrainMetric, b: &TrainMetric) -> f64 {
    let all = |line: &TrainMetric| -> Vec<f32> {
        line.probabilities
            .values()
            .flatten()
            .flatten()
            .copied()
            .collect()
    };
    let pairs = all(a).into_iter().zip(all(b));
    pairs.map(|(a, b)| f64::from((a - b).abs())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(step: u64, probability: f32) -> TrainMetric {
        TrainMetric {
            global_step: step,
            task_loss: vec![None],
            auxiliary_loss: 0.0,
            entropy: 0.0,
            temperature: 1.0,
            probabilities: [("layer".to_owned(), vec![vec![probability]])].into(),
        }
    }

    fn steps(lines: &[TrainMetric], most: usize) -> Vec<u64> {
        let lines: Vec<&TrainMetric> = lines.iter().collect();
        moments(&lines, most)
            .iter()
            .map(|line| line.global_step)
            .collect()
    }

    #[test]
    fn about_as_much_changes_from_each_moment_to_the_next() {
        // All happens between step 10 and step 20.
        let course = |step: u64| 0.5 + 0.05 * step.clamp(10, 20).saturating_sub(10) as f32;
        let lines: Vec<TrainMetric> = (1..=100).map(|step| line(step, course(step))).collect();
        assert_eq!(steps(&lines, 3), [1, 15, 100]);
        assert_eq!(steps(&lines, 6), [1, 12, 14, 16, 18, 100]);
        // Nothing happens, or there is nothing to choose from.
        assert_eq!(steps(&lines[..5], 6), [1, 5]);
        assert_eq!(steps(&lines[..1], 6), [1]);
    }
}
