//! Curves over the course of training: losses, metrics and the state of the
//! router.

use paramalloc_core::summary::{Metric, Summary, TrainMetric};

use super::axis::{Axis, Panel};
use super::figure::{Align, Figure, LABEL, MARGIN, SMALL};
use super::line_style::LineStyle;
use super::palette::{self, INK, MUTED};
use super::{font, heading};
use crate::format::{self, mean, splits_in_order};
use crate::task_order::TaskOrder;

const PANEL_WIDTH: f64 = 410.0;
const PANEL_HEIGHT: f64 = 230.0;
/// Room for the labels left of a panel, and above and below it.
const LEFT: f64 = 62.0;
const ABOVE: f64 = 30.0;
const BELOW: f64 = 52.0;
/// Most points of a curve, for a few and for many tasks; a longer one is
/// averaged.
const POINTS: (usize, usize) = (240, 80);
/// With more tasks than this, those of named groups share a color.
const MANY_TASKS: usize = 8;

/// Step and value.
type Point = (f64, f64);

/// The curves of one panel: one per task, in the order of the figure, or a
/// single one.
struct Chart {
    title: String,
    curves: Vec<Vec<Point>>,
    share: bool,
    log: bool,
}

/// One panel per quantity that the metrics have. `None` without any point.
pub fn draw(summary: &Summary, metrics: &[Metric]) -> Option<Figure> {
    let tasks = TaskOrder::new(summary);
    let last_step = metrics.iter().map(Metric::global_step).max()?;
    let charts = charts(summary, &tasks, metrics);
    if charts.is_empty() {
        return None;
    }
    let mut figure = Figure::default();
    let legend = Legend::new(summary, &tasks);
    let captions: Vec<String> = legend.caption.into_iter().collect();
    let top = heading::draw(&mut figure, "Training curves", summary, &captions);
    let columns = charts.len().min(2);
    for (index, chart) in charts.iter().enumerate() {
        let (row, column) = (index / columns, index % columns);
        let x = MARGIN + LEFT + column as f64 * (PANEL_WIDTH + LEFT + 12.0);
        let y = top + ABOVE + row as f64 * (PANEL_HEIGHT + ABOVE + BELOW);
        draw_chart(&mut figure, chart, &legend.styles, last_step, (x, y));
    }
    let x = MARGIN + columns as f64 * (LEFT + PANEL_WIDTH + 12.0) + 12.0;
    let rows = charts.len().div_ceil(columns) as f64;
    let height = rows * (PANEL_HEIGHT + ABOVE + BELOW) - BELOW;
    draw_legend(
        &mut figure,
        &legend.entries,
        (x, top + ABOVE),
        height - ABOVE,
    );
    Some(figure)
}

fn charts(summary: &Summary, tasks: &TaskOrder, metrics: &[Metric]) -> Vec<Chart> {
    let lines: Vec<&TrainMetric> = metrics
        .iter()
        .filter_map(|metric| match metric {
            Metric::Train(line) => Some(line),
            Metric::Evaluation(_) => None,
        })
        .collect();
    let few = tasks.order.len() <= MANY_TASKS;
    let points = if few { POINTS.0 } else { POINTS.1 };
    let together = lines.len().div_ceil(points).max(1);
    let curve = |value: &dyn Fn(&TrainMetric) -> Option<f64>| -> Vec<Point> {
        let step = |line: &TrainMetric| Some(line.global_step as f64);
        let mean_of = |lines: &[&TrainMetric], value: &dyn Fn(&TrainMetric) -> Option<f64>| {
            mean(lines.iter().filter_map(|line| value(line)))
        };
        lines
            .chunks(together)
            .filter_map(|lines| Some((mean_of(lines, &step)?, mean_of(lines, value)?)))
            .collect()
    };
    let loss = tasks
        .order
        .iter()
        .map(|&task| curve(&|line| line.task_loss[task]));
    let mut charts = vec![Chart {
        title: "Training loss of each task".into(),
        curves: loss.collect(),
        share: false,
        log: true,
    }];
    charts.extend(metric_charts(summary, tasks, metrics));
    let single = |title: &str, log: bool, curve: Vec<Point>| Chart {
        title: title.into(),
        curves: vec![curve],
        share: false,
        log,
    };
    let auxiliary = single(
        "Auxiliary loss",
        false,
        curve(&|line| Some(line.auxiliary_loss)),
    );
    let routed = lines
        .iter()
        .any(|line| line.probabilities.values().any(|rows| !rows.is_empty()));
    if lines.iter().any(|line| line.auxiliary_loss != 0.0) {
        charts.push(auxiliary);
    }
    if routed {
        let title = "Mean entropy of the connections (nats)";
        charts.push(single(title, false, curve(&|line| Some(line.entropy))));
        charts.push(single(
            "Temperature",
            true,
            curve(&|line| Some(line.temperature)),
        ));
    }
    charts.retain(|chart| chart.curves.iter().any(|curve| !curve.is_empty()));
    charts
}

/// One chart per split that was evaluated and metric that tasks are judged by.
fn metric_charts(summary: &Summary, tasks: &TaskOrder, metrics: &[Metric]) -> Vec<Chart> {
    let mut splits: Vec<&str> = Vec::new();
    let mut evaluations = Vec::new();
    for metric in metrics {
        if let Metric::Evaluation(line) = metric {
            evaluations.push(line);
            splits.extend(line.results.keys().map(String::as_str));
        }
    }
    let splits = splits_in_order(splits.into_iter());
    let mut names: Vec<&str> = Vec::new();
    for task in &summary.tasks {
        let name = summary.metric_of(task);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let chart = |(split, metric): (&str, &str)| {
        let curves = tasks.order.iter().map(|&task| {
            let of_task = summary.metric_of(&summary.tasks[task]);
            let judged = evaluations.iter().filter(|_| of_task == metric);
            let points = judged.filter_map(|line| {
                let value = *line.results.get(split)?.get(task)?;
                Some((line.global_step as f64, value))
            });
            points.collect()
        });
        let name = format::words(metric);
        let (first, rest) = name.split_at(name.chars().next().map_or(0, char::len_utf8));
        Chart {
            title: format!("{}{rest}, {split}", first.to_uppercase()),
            curves: curves.collect(),
            share: format::is_share(metric),
            log: !format::is_share(metric),
        }
    };
    let splits = splits.into_iter();
    let each = splits.flat_map(|split| names.iter().map(move |&name| (split, name)));
    each.map(chart).collect()
}

fn draw_chart(
    figure: &mut Figure,
    chart: &Chart,
    styles: &Styles,
    last_step: u64,
    (x, y): (f64, f64),
) {
    let values = chart.curves.iter().flatten().map(|point| point.1);
    let panel = Panel {
        x,
        y,
        width: PANEL_WIDTH,
        height: PANEL_HEIGHT,
        across: Axis::steps(last_step),
        up: Axis::values(values, chart.share, chart.log),
        below: "task steps",
    };
    let scale = if panel.up.is_log() {
        " (log scale)"
    } else {
        ""
    };
    panel.draw(figure, &format!("{}{scale}", chart.title));
    let placed = |curve: &[Point]| -> Vec<Point> {
        curve
            .iter()
            .map(|&(step, value)| panel.at(step, value))
            .collect()
    };
    if let [curve] = chart.curves.as_slice() {
        let marks = if curve.len() == 1 { 1 } else { 0 };
        let mut style = LineStyle::numbered(0);
        if styles.len() > 1 {
            style.color = INK;
        }
        return style.draw(figure, &placed(curve), marks);
    }
    match styles {
        Styles::Tasks(styles) => {
            for (curve, style) in chart.curves.iter().zip(styles) {
                style.draw(figure, &placed(curve), 7);
            }
        }
        Styles::Groups(groups) => {
            for (range, style) in groups {
                let mut thin = LineStyle::numbered(0).wide(0.8);
                thin.color = palette::tint(style.color, 0.35);
                for curve in &chart.curves[range.clone()] {
                    thin.draw(figure, &placed(curve), 0);
                }
            }
            for (range, style) in groups {
                let mean = mean_curve(&chart.curves[range.clone()]);
                style.draw(figure, &placed(&mean), 7);
            }
        }
    }
}

/// Mean over the curves at the steps where at least one has a point.
fn mean_curve(curves: &[Vec<Point>]) -> Vec<Point> {
    let mut points: Vec<Point> = curves.iter().flatten().copied().collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
        .chunk_by(|a, b| a.0 == b.0)
        .map(|same| {
            let sum: f64 = same.iter().map(|point| point.1).sum();
            (same[0].0, sum / same.len() as f64)
        })
        .collect()
}

/// How the curves of the tasks look, in the order of the figure.
enum Styles {
    /// A look for each task.
    Tasks(Vec<LineStyle>),
    /// A look for each group: thin for its tasks, thick for their mean.
    Groups(Vec<(std::ops::Range<usize>, LineStyle)>),
}

impl Styles {
    fn len(&self) -> usize {
        match self {
            Self::Tasks(styles) => styles.len(),
            Self::Groups(groups) => groups.len(),
        }
    }
}

struct Legend {
    styles: Styles,
    entries: Vec<(String, LineStyle)>,
    caption: Option<String>,
}

impl Legend {
    fn new(summary: &Summary, tasks: &TaskOrder) -> Self {
        let groups = &tasks.groups;
        if tasks.order.len() <= MANY_TASKS || groups.len() < 2 || groups.len() > MANY_TASKS {
            let styles: Vec<_> = (0..tasks.order.len()).map(LineStyle::numbered).collect();
            let names = tasks
                .order
                .iter()
                .map(|&task| summary.tasks[task].name.clone());
            return Self {
                entries: names.zip(styles.iter().copied()).collect(),
                styles: Styles::Tasks(styles),
                caption: None,
            };
        }
        let style = |index| LineStyle::numbered(index).wide(2.4);
        let entry = |index: usize| {
            let (name, range) = &groups[index];
            let name = if name.is_empty() { "no group" } else { name };
            let count = format::count(range.len(), "task");
            (format!("{name} ({count})"), style(index))
        };
        let looks = groups.iter().enumerate();
        Self {
            entries: (0..groups.len()).map(entry).collect(),
            styles: Styles::Groups(looks.map(|(i, g)| (g.1.clone(), style(i))).collect()),
            caption: Some("Thin: each task; thick: the mean of its group.".into()),
        }
    }
}

/// The key, in as many columns as the height asks for.
pub(super) fn draw_legend(
    figure: &mut Figure,
    entries: &[(String, LineStyle)],
    (x, y): (f64, f64),
    height: f64,
) {
    let line = 19.0;
    let rows = ((height / line) as usize).max(8);
    let mut left = x;
    for column in entries.chunks(rows) {
        let mut widest = 0.0_f64;
        for (row, (name, style)) in column.iter().enumerate() {
            let y = y + row as f64 * line;
            let points = [(left, y), (left + 17.0, y), (left + 34.0, y)];
            style.draw(figure, &points[..], 0);
            style.draw(figure, &points[1..2], 1);
            let name = font::fit(name, LABEL, 220.0);
            figure.text(&name, (left + 42.0, y), LABEL, INK, Align::Start);
            widest = widest.max(font::width(&name, LABEL));
        }
        left += 42.0 + widest * font::WIDER + 20.0;
    }
    if entries.is_empty() {
        figure.text("no tasks", (x, y), SMALL, MUTED, Align::Start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated_runs;

    #[test]
    fn a_long_curve_is_averaged_at_the_same_steps_for_all_tasks() {
        let mut run = generated_runs::digits();
        let tasks = TaskOrder::new(&run.summary);
        let line = |step: u64| {
            Metric::Train(TrainMetric {
                global_step: step,
                task_loss: vec![
                    (step != 1).then_some(step as f64),
                    Some(1.0),
                    None,
                    Some(2.0),
                ],
                auxiliary_loss: 0.0,
                entropy: 0.0,
                temperature: 1.0,
                probabilities: [].into(),
            })
        };
        run.metrics = (1..=2 * POINTS.0 as u64).map(line).collect();
        let loss = &charts(&run.summary, &tasks, &run.metrics)[0];
        assert_eq!(loss.curves[0][..2], [(1.5, 2.0), (3.5, 3.5)]);
        assert_eq!(loss.curves[1][..2], [(1.5, 1.0), (3.5, 1.0)]);
        assert_eq!(loss.curves[0].len(), POINTS.0);
        assert_eq!(loss.curves[2], []);
    }

    #[test]
    fn the_mean_curve_uses_the_tasks_that_have_a_point() {
        let curves = [vec![(1.0, 2.0), (2.0, 4.0)], vec![(2.0, 8.0)]];
        assert_eq!(mean_curve(&curves), [(1.0, 2.0), (2.0, 6.0)]);
    }
}
