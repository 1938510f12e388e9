//! Connection probabilities over the course of training.

use paramalloc_core::summary::{Metric, Summary, TrainMetric};

use super::figure::{Align, Figure, LABEL, MARGIN, SMALL};
use super::palette::{self, INK, MUTED, RULE};
use super::task_labels::{self, Track};
use super::{font, heading, scale_bar, snapshots};
use crate::format;
use crate::task_order::TaskOrder;

/// Most marks that a figure starts from.
const MARK_LIMIT: usize = 120_000;

/// Height of all boxes of a layer, and the least of a stripe.
const HEIGHT: f64 = 1150.0;
const THINNEST: f64 = 8.0;

/// How far a mark reaches over the next; the frame hides the last.
const OVERLAP: f64 = 0.4;

/// Where the columns of the figure are.
struct Layout {
    left: f64,
    /// Width of one layer's column, and of the space after it.
    width: f64,
    gap: f64,
    last_step: u64,
    /// Probabilities are shown in this many shades. Neighbors of one shade
    /// are drawn as one mark, which keeps an SVG small.
    shades: f64,
}

/// One box per task (down) and routed layer (across); in a box time runs to
/// the right and each component is a stripe. Where these would be too thin to be told
/// apart, the probabilities of all tasks at some moments. `None` without
/// probabilities, and where gates alone have some, which never change.
pub fn draw(summary: &Summary, metrics: &[Metric]) -> Option<Figure> {
    let lines: Vec<&TrainMetric> = metrics.iter().filter_map(with_probabilities).collect();
    let last_step = lines.last()?.global_step;
    summary.allocated_layers().next()?;
    let layers = &summary.routed_layers;
    let most = layers.iter().map(|layer| layer.components.len()).max()?;
    let height = (HEIGHT / summary.tasks.len() as f64 - 4.0).min(84.0);
    if height < most as f64 * THINNEST {
        return Some(snapshots::draw(summary, &lines));
    }
    // A stripe of at most 16 units.
    let height = height.min(most as f64 * 16.0);
    let mut figure = Figure::default();
    let captions = [
        "In each box time runs to the right; each stripe is one component of the layer, \
         the first on top."
            .to_owned(),
    ];
    let title = "Connection probabilities over time";
    let top = heading::draw(&mut figure, title, summary, &captions) + LABEL + 7.0;
    let tasks = TaskOrder::by_similarity(summary);
    let track = Track::new(&tasks, height, 4.0);
    let left = MARGIN + task_labels::rows_width(summary, &tasks, &track);
    let columns: usize = layers.iter().map(|layer| layer.components.len()).sum();
    let stripes = columns * tasks.order.len();
    let layout = Layout {
        left,
        width: (960.0 / layers.len() as f64 - 10.0).clamp(40.0, 260.0),
        gap: 10.0,
        last_step,
        shades: if stripes <= 400 { 100.0 } else { 40.0 },
    };
    task_labels::draw_rows(&mut figure, summary, &tasks, &track, (left, top));
    let bins = bins(&lines, &layout, stripes);
    for (column, layer) in layers.iter().enumerate() {
        let x = left + column as f64 * (layout.width + layout.gap);
        let name = font::fit(&layer.heading(), LABEL, layout.width);
        let at = (x + layout.width / 2.0, top - 7.0 - LABEL / 2.0);
        figure.text(&name, at, LABEL, INK, Align::Middle);
        for (position, &task) in tasks.order.iter().enumerate() {
            let y = top + track.starts[position];
            for component in 0..layer.components.len() {
                let value = |line: &TrainMetric| {
                    let rows = line.probabilities.get(&layer.name)?;
                    rows.get(task).map(|row| f64::from(row[component]))
                };
                let stripe = height / layer.components.len() as f64;
                let at = (x, y + component as f64 * stripe);
                let value = |bin: &Bin<'_>| {
                    value(bin.0).map(|v| (v * layout.shades).round() / layout.shades)
                };
                draw_stripe(&mut figure, &bins, at, stripe, value);
            }
            figure.frame(x, y, layout.width, height, RULE);
        }
        draw_time(&mut figure, &layout, x, top + track.length, column == 0);
    }
    let right = left + layers.len() as f64 * (layout.width + layout.gap) + 18.0;
    scale_bar::draw(&mut figure, (right, top), track.length, "probability");
    Some(figure)
}

fn with_probabilities(metric: &Metric) -> Option<&TrainMetric> {
    match metric {
        Metric::Train(line) if line.probabilities.values().any(|rows| !rows.is_empty()) => {
            Some(line)
        }
        _ => None,
    }
}

/// A line of the metrics and the part of a box's width that it fills.
type Bin<'a> = (&'a TrainMetric, f64, f64);

/// Spreads the lines over the width of a box: each fills the time since the
/// line before. Where there are more lines than can be told apart, some are
/// left out.
fn bins<'a>(lines: &[&'a TrainMetric], layout: &Layout, stripes: usize) -> Vec<Bin<'a>> {
    let most = (MARK_LIMIT / stripes).clamp(24, (layout.width / 1.5) as usize);
    let place = |step: u64| step as f64 / layout.last_step.max(1) as f64 * layout.width;
    let mut bins: Vec<Bin<'a>> = Vec::new();
    let mut start = 0.0;
    for (index, line) in lines.iter().enumerate() {
        let end = place(line.global_step);
        let wide = end - start >= layout.width / most as f64 * 0.999;
        if wide || index + 1 == lines.len() {
            bins.push((line, start, end));
            start = end;
        }
    }
    if layout.last_step == 0 {
        // The only line was written before the first step.
        bins.iter_mut().for_each(|bin| bin.2 = layout.width);
    }
    bins
}

/// One component's probability over time.
fn draw_stripe(
    figure: &mut Figure,
    bins: &[Bin<'_>],
    (x, y): (f64, f64),
    height: f64,
    shade: impl Fn(&Bin<'_>) -> Option<f64>,
) {
    for run in bins.chunk_by(|a, b| shade(a) == shade(b)) {
        let (start, end) = (run[0].1, run[run.len() - 1].2);
        // A layer may have no probabilities at that time.
        if let Some(shade) = shade(&run[0]) {
            // A little over the next mark, so that no seam shows in an SVG.
            let (width, height) = (end - start + OVERLAP, height + OVERLAP);
            figure.rectangle(x + start, y, width, height, palette::heat(shade));
        }
    }
}

/// First and last step below a column.
fn draw_time(figure: &mut Figure, layout: &Layout, x: f64, bottom: f64, first: bool) {
    let y = bottom + 5.0;
    let last = layout.last_step as f64;
    for at in [x, x + layout.width] {
        figure.line(vec![(at, bottom), (at, y)], 1.0, RULE);
    }
    let middle = y + 3.0 + SMALL / 2.0;
    figure.text("0", (x, middle), SMALL, MUTED, Align::Start);
    let label = format::short(last, last);
    figure.text(&label, (x + layout.width, middle), SMALL, MUTED, Align::End);
    if first {
        let at = (layout.left, middle + SMALL * 1.6);
        figure.text("task steps", at, SMALL, MUTED, Align::Start);
    }
}
