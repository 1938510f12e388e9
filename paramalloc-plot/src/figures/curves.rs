//! Curves over the course of training: losses, metrics, what the tasks use,
//! and the state of the router.

use paramalloc_core::summary::{Metric, Summary};

use super::axis::{Axis, Panel};
use super::charts::{Chart, Course, Curve, FEW_TASKS, Point, charts, mean_curve};
use super::figure::{Align, Figure, LABEL, MARGIN};
use super::line_style::LineStyle;
use super::palette::{Color, GRID, INK, RULE};
use super::task_colors::TaskColors;
use super::{font, heading};
use crate::format;
use crate::task_order::TaskOrder;

/// Width of a panel where there are two in a row, and where there are more.
const WIDTHS: (f64, f64) = (410.0, 270.0);
const HEIGHT: f64 = 230.0;
/// Room for the labels left of a panel, and above and below it.
const LEFT: f64 = 62.0;
const ABOVE: f64 = 30.0;
const BELOW: f64 = 52.0;
/// A row of panels, and the name of a quantity above its rows.
const ROW: f64 = HEIGHT + ABOVE + BELOW;
const HEADING: f64 = 26.0;
/// Panels in a row at most.
const MOST_COLUMNS: usize = 4;
/// Tasks of one panel where there are no groups.
const TOGETHER: usize = 13;
/// How much of a color the raw values have.
const FAINT: f64 = 0.28;

/// Tasks that are drawn in one panel: positions in the order of the figure.
struct Part {
    name: String,
    positions: Vec<usize>,
}

/// The tasks in their order, in parts, with their colors.
struct Tasks {
    order: TaskOrder,
    parts: Vec<Part>,
    colors: TaskColors,
    names: Vec<String>,
}

impl Tasks {
    /// Name of the task at a position.
    fn name(&self, position: usize) -> String {
        self.names[self.order.order[position]].clone()
    }
}

/// One panel per quantity that the metrics have, of the runs of one or of
/// several seeds, and per group of tasks where these are many. `None` without
/// any point.
pub fn draw(runs: &[Course<'_>], caption: &str) -> Option<Figure> {
    let summary = runs.first()?.summary;
    let order = TaskOrder::by_similarity(summary);
    let tasks = Tasks {
        parts: parts(summary, &order),
        colors: TaskColors::new(summary),
        names: summary.tasks.iter().map(|task| task.name.clone()).collect(),
        order,
    };
    let metrics = runs.iter().flat_map(|run| run.metrics);
    let last_step = metrics.map(Metric::global_step).max()?;
    let charts = charts(runs, &tasks.order.order);
    if charts.is_empty() {
        return None;
    }
    let mut figure = Figure::default();
    let mut lines = vec![caption.to_owned()];
    lines.extend(how_to_read(runs.len(), tasks.parts.len()));
    let top = heading::draw_lines(&mut figure, "Training curves", &lines) + ABOVE;
    let columns = match tasks.parts.len() {
        1 => charts.len().min(2),
        parts => parts.min(MOST_COLUMNS),
    };
    let width = if columns <= 2 { WIDTHS.0 } else { WIDTHS.1 };
    let (mut y, mut column) = (top, 0);
    for chart in &charts {
        let panels = chart_panels(chart, &tasks);
        let is_apart = panels.len() > 1;
        // The panels of a quantity stand in rows of their own, below its name.
        if (is_apart && column > 0) || column == columns {
            (y, column) = (y + ROW, 0);
        }
        if is_apart {
            let at = (MARGIN + LEFT, y - 9.0 - LABEL / 2.0);
            let title = titled(
                chart,
                &chart.title,
                &panel(chart, last_step, (0.0, y, width)),
            );
            figure.text(&title, at, LABEL + 3.0, INK, Align::Start);
            y += HEADING;
        }
        for (title, positions) in panels {
            if column == columns {
                (y, column) = (y + ROW, 0);
            }
            let x = MARGIN + LEFT + column as f64 * (width + LEFT + 12.0);
            let panel = panel(chart, last_step, (x, y, width));
            draw_panel(&mut figure, chart, (&panel, &title), &tasks, &positions);
            column += 1;
        }
        if is_apart {
            column = columns;
        }
    }
    if tasks.parts.len() == 1 {
        let x = MARGIN + columns as f64 * (LEFT + width + 12.0) + 12.0;
        let height = y - top + HEIGHT;
        draw_legend(
            &mut figure,
            &legend(summary, &tasks),
            (x, top),
            (height, 220.0),
        );
    }
    Some(figure)
}

fn how_to_read(seeds: usize, parts: usize) -> Option<String> {
    match (seeds, parts) {
        (1, 1) => Some("Faint: as logged; bold: a moving mean.".to_owned()),
        (1, _) => Some("Thin: a moving mean of each task; bold: the mean of these.".to_owned()),
        (seeds, _) => Some(format!(
            "Means of {} (moving means of what is logged while training); bands from the least to the largest.",
            format::count(seeds, "seed")
        )),
    }
}

/// All tasks together if they are few, else by groups, else those together that
/// are alike.
fn parts(summary: &Summary, order: &TaskOrder) -> Vec<Part> {
    let count = order.order.len();
    let all: Vec<usize> = (0..count).collect();
    let groups = summary.groups();
    let group = |&position: &usize| &summary.tasks[order.order[position]].group;
    if count <= FEW_TASKS {
        return vec![Part {
            name: String::new(),
            positions: all,
        }];
    }
    let mut parts = Vec::new();
    if (2..=FEW_TASKS).contains(&groups.len()) {
        for name in groups.iter().chain([&String::new()]) {
            let positions: Vec<usize> = all.iter().copied().filter(|p| group(p) == name).collect();
            let shown = if name.is_empty() { "no group" } else { name };
            let name = shown.to_owned();
            parts.push(Part { name, positions });
        }
        parts.retain(|part| !part.positions.is_empty());
        return parts;
    }
    let pieces = count.div_ceil(TOGETHER);
    for positions in all.chunks(count.div_ceil(pieces)) {
        let name = |position: usize| &summary.tasks[order.order[position]].name;
        let (first, last) = (name(positions[0]), name(positions[positions.len() - 1]));
        parts.push(Part {
            name: format!("{first} – {last}"),
            positions: positions.to_vec(),
        });
    }
    parts
}

/// Title and tasks of each panel of a chart.
fn chart_panels(chart: &Chart, tasks: &Tasks) -> Vec<(String, Vec<usize>)> {
    if !chart.by_task || tasks.parts.len() == 1 {
        return vec![(chart.title.clone(), (0..chart.curves.len()).collect())];
    }
    let parts = tasks.parts.iter();
    parts
        .map(|part| (part.name.clone(), part.positions.clone()))
        .collect()
}

/// A title that says how the axis of values is.
fn titled(chart: &Chart, title: &str, panel: &Panel) -> String {
    let once = match chart.has_one_moment() {
        true => ", one evaluation",
        false => "",
    };
    let scale = if panel.up.is_log() { " (log)" } else { "" };
    format!("{title}{once}{scale}")
}

/// Panels of one chart have the same axes.
fn panel(chart: &Chart, last_step: u64, (x, y, width): (f64, f64, f64)) -> Panel {
    let curves = || chart.curves.iter();
    let raw = curves().flat_map(|curve| curve.raw.iter().map(|point| point.1));
    let bands = curves().flat_map(|curve| curve.band.iter().flat_map(|b| [b.1, b.2]));
    let level = chart.level.into_iter();
    let is_once = chart.has_one_moment();
    Panel {
        x,
        y,
        width,
        height: HEIGHT,
        across: match is_once {
            true => Axis::bare(),
            false => Axis::steps(last_step),
        },
        up: Axis::values(raw.chain(bands).chain(level), chart.share, chart.log),
        below: if is_once {
            "tasks, in the order of the allocation"
        } else {
            "task steps"
        },
    }
}

fn draw_panel(
    figure: &mut Figure,
    chart: &Chart,
    (panel, title): (&Panel, &str),
    tasks: &Tasks,
    positions: &[usize],
) {
    let title = match *title == chart.title {
        true => titled(chart, title, panel),
        false => title.to_owned(),
    };
    let title = font::fit(&title, LABEL + 1.0, panel.width / font::WIDER);
    panel.draw(figure, &title);
    if chart.has_one_moment() {
        return draw_moment(figure, chart, panel, tasks, positions);
    }
    if let Some(value) = chart.level {
        let (_, y) = panel.at(0.0, value);
        figure.line(vec![(panel.x, y), (panel.x + panel.width, y)], 3.0, RULE);
        figure.hint(format!("budget {}", format::percent(value, 1)));
    }
    let is_single = !chart.by_task;
    let color = |position: usize| match is_single {
        true => INK,
        false => tasks.colors.of(tasks.order.order[position]),
    };
    let faint = |position: usize| match is_single {
        true => RULE,
        false => tasks.colors.faint(tasks.order.order[position], FAINT),
    };
    for &position in positions {
        draw_band(figure, panel, &chart.curves[position], color(position));
    }
    if positions.len() > FEW_TASKS {
        for &position in positions {
            let style = LineStyle::numbered(0).colored(color(position)).wide(1.0);
            let points = placed(panel, &chart.curves[position].smooth);
            style.draw(figure, &points, 0);
            if !points.is_empty() {
                figure.hint(tasks.name(position));
            }
        }
        let mean = mean_curve(positions.iter().map(|&p| &chart.curves[p]));
        let style = LineStyle::numbered(0).colored(INK).wide(2.6);
        return style.draw(figure, &placed(panel, &mean), 0);
    }
    for &position in positions {
        let curve = &chart.curves[position];
        if curve.band.is_empty() && curve.raw != curve.smooth {
            let style = LineStyle::numbered(0).colored(faint(position)).wide(1.0);
            style.draw(figure, &placed(panel, &curve.raw), 0);
        }
    }
    for &position in positions {
        let points = &chart.curves[position].smooth;
        let style = LineStyle::numbered(tasks.order.order[position]);
        let style = style.colored(color(position)).wide(2.0);
        // Marks tell tasks apart without color; a single curve needs none.
        let marks = match (is_single, points.len()) {
            (true, 2..) => 0,
            (true, _) => 1,
            (false, _) => 7,
        };
        style.draw(figure, &placed(panel, points), marks);
    }
}

/// A mark for each task, side by side; over several seeds a bar from the least to the
/// largest.
fn draw_moment(
    figure: &mut Figure,
    chart: &Chart,
    panel: &Panel,
    tasks: &Tasks,
    positions: &[usize],
) {
    for (place, &position) in positions.iter().enumerate() {
        let Some(&(_, value)) = chart.curves[position].raw.first() else {
            continue;
        };
        let task = tasks.order.order[position];
        let across = (place as f64 + 0.5) / positions.len() as f64;
        let (x, y) = panel.at(across, value);
        let guide = vec![(x, panel.y + panel.height), (x, panel.y)];
        figure.line(guide, 1.0, GRID);
        for &(_, low, high) in &chart.curves[position].band {
            let ends = [low, high].map(|value| panel.at(across, value));
            figure.line(ends.into(), 2.0, tasks.colors.of(task));
        }
        let style = LineStyle::numbered(task).colored(tasks.colors.of(task));
        style.draw(figure, &[(x, y)], 1);
        figure.hint(tasks.name(position));
    }
}

fn draw_band(figure: &mut Figure, panel: &Panel, curve: &Curve, color: Color) {
    let low = curve.band.iter().map(|&(step, low, _)| panel.at(step, low));
    let high = curve
        .band
        .iter()
        .map(|&(step, _, high)| panel.at(step, high));
    let points: Vec<(f64, f64)> = low.chain(high.rev()).collect();
    if points.len() > 2 {
        figure.glass(points, color);
    }
}

fn placed(panel: &Panel, points: &[Point]) -> Vec<(f64, f64)> {
    let points = points.iter().map(|&(step, value)| panel.at(step, value));
    points.collect()
}

fn legend(summary: &Summary, tasks: &Tasks) -> Vec<(String, LineStyle)> {
    let order = tasks.order.order.iter();
    let entry = |&task: &usize| {
        let style = LineStyle::numbered(task).colored(tasks.colors.of(task));
        (summary.tasks[task].name.clone(), style.wide(2.0))
    };
    order.map(entry).collect()
}

/// The key, in as many columns as the height asks for; names are cut at the
/// `limit`.
pub(super) fn draw_legend(
    figure: &mut Figure,
    entries: &[(String, LineStyle)],
    (x, y): (f64, f64),
    (height, limit): (f64, f64),
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
            let name = font::fit(name, LABEL, limit);
            figure.text(&name, (left + 42.0, y), LABEL, INK, Align::Start);
            widest = widest.max(font::width(&name, LABEL));
        }
        left += 42.0 + widest * font::WIDER + 20.0;
    }
}
