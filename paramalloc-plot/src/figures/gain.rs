//! How much better each task is than with the first method.

use paramalloc_core::metric::Goal;
use paramalloc_core::summary::Summary;

use super::axis::{Axis, Panel};
use super::figure::{Align, Figure, LABEL, MARGIN};
use super::line_style::LineStyle;
use super::palette::{INK, RULE};
use super::task_colors::TaskColors;
use super::{font, heading};
use crate::compare::{Difference, Results};
use crate::format;
use crate::task_order::TaskOrder;

const WIDTH: f64 = 300.0;
const GAP: f64 = 28.0;
const NAME_LIMIT: f64 = 210.0;

/// A panel for each method but the first, a row for each task with a metric: the mean
/// difference to the first method over the seeds that both have, with its
/// interval. `summary` is that of any run of these. `None` if no two seeds are
/// common.
pub fn draw(results: &Results, summary: &Summary) -> Option<Figure> {
    let compared: Vec<usize> = (1..results.methods.len())
        .filter(|&index| results.methods[index].common_seeds().is_some())
        .collect();
    if compared.is_empty() {
        return None;
    }
    let scales: Vec<Scale> = (0..results.tasks.len())
        .map(|task| Scale::of(results, task))
        .collect::<Option<_>>()?;
    let ends = |difference: &Difference, task: usize| {
        let (mean, scale) = (difference.estimate.mean, scales[task]);
        let interval = difference.estimate.interval(scale.range);
        let (low, high) = interval.unwrap_or((mean, mean));
        [low, mean, high].map(|value| scale.factor * value)
    };
    let mut figure = Figure::default();
    let mut goals = results.tasks.iter().map(|task| task.metric.goal);
    let better = match goals.all(|goal| goal.is_some()) {
        true => "to the right: better",
        false if results.metric.is_some() => "to the right: more",
        false => "to the right: better, or more where that is not known",
    };
    let what = match &results.metric {
        Some(metric) => format::words(&metric.name),
        None => "each task's own metric".to_owned(),
    };
    let change = match &results.metric {
        Some(_) => "minus that of",
        None => "its change in per cent from that of",
    };
    let lines = [
        format!(
            "{} on {}, {change} {}; {better}.",
            format::sentence(&what),
            results.split,
            results.methods[0].label
        ),
        "Mean over the common seeds, bars: 95 % interval.".to_owned(),
    ];
    let top = heading::draw_lines(&mut figure, "Gain of each task", &lines) + 30.0;
    let mut tasks = TaskOrder::by_similarity(summary).order;
    // One without a metric on the split has no row.
    tasks.retain(|&task| results.methods[0].outcome(Some(task)).is_some());
    let row = (900.0 / tasks.len() as f64).clamp(9.0, 26.0);
    let size = LABEL.min(row * 0.92);
    let name = |task: usize| font::fit(&summary.tasks[task].name, size, NAME_LIMIT);
    let widest = (0..summary.tasks.len()).map(|task| font::width(&name(task), size));
    let left = MARGIN + widest.fold(0.0, f64::max) * font::WIDER + 10.0;
    let height = row * tasks.len() as f64;
    let all = compared
        .iter()
        .flat_map(|&index| results.methods[index].tasks.iter().enumerate());
    let all = all
        .filter_map(|(task, outcome)| Some((task, outcome.as_ref()?.difference?)))
        .flat_map(|(task, difference)| ends(&difference, task));
    let values: Vec<f64> = all.chain([0.0]).collect();
    for (position, &task) in tasks.iter().enumerate() {
        let y = top + (position as f64 + 0.5) * row;
        figure.text(&name(task), (left - 8.0, y), size, INK, Align::End);
    }
    let colors = TaskColors::new(summary);
    for (place, &index) in compared.iter().enumerate() {
        let panel = Panel {
            x: left + place as f64 * (WIDTH + GAP),
            y: top,
            width: WIDTH,
            height,
            across: Axis::values(values.iter().copied(), false, false),
            up: Axis::bare(),
            below: unit(results),
        };
        let method = &results.methods[index];
        let title = font::fit(&method.label, LABEL + 1.0, WIDTH / font::WIDER);
        panel.draw(&mut figure, &title);
        let zero = panel.at(0.0, 0.0).0;
        figure.line(vec![(zero, top), (zero, top + height)], 1.5, RULE);
        for (position, &task) in tasks.iter().enumerate() {
            let outcome = method.outcome(Some(task));
            let Some(difference) = outcome.and_then(|outcome| outcome.difference) else {
                continue;
            };
            let y = top + (position as f64 + 0.5) * row;
            let [low, mean, high] = ends(&difference, task).map(|value| panel.at(value, 0.0).0);
            let style = LineStyle::numbered(0).colored(colors.of(task));
            figure.line(vec![(low, y), (high, y)], 2.0, colors.of(task));
            style.draw(&mut figure, &[(mean, y)], 1);
            figure.hint(hint(results, task, &difference, scales[task]));
        }
    }
    Some(figure)
}

/// How a difference of a task is drawn.
#[derive(Clone, Copy)]
struct Scale {
    /// From the difference to what the axis says, to the right if it is better.
    factor: f64,
    /// Lowest and highest difference that can be.
    range: (f64, f64),
}

impl Scale {
    /// Shares in points, other values as they are; where tasks have different
    /// metrics, by what the first method's mean is. `None` if that is 0.
    fn of(results: &Results, task: usize) -> Option<Self> {
        let metric = &results.tasks[task].metric;
        let sign = match metric.goal {
            Some(Goal::Minimize) => -1.0,
            _ => 1.0,
        };
        let unit = match &results.metric {
            Some(metric) if metric.is_share() => 100.0,
            Some(_) => 1.0,
            None => {
                let first = results.methods[0].outcome(Some(task));
                first.map_or(1.0, |first| 100.0 / first.estimate.mean.abs())
            }
        };
        unit.is_finite().then_some(Self {
            factor: sign * unit,
            range: metric.difference_range(),
        })
    }
}

/// What the axis says of a difference.
fn unit(results: &Results) -> &'static str {
    match &results.metric {
        Some(metric) if metric.is_share() => "percentage points",
        Some(_) => "difference",
        None => "% of what the first method has",
    }
}

fn hint(results: &Results, task: usize, difference: &Difference, scale: Scale) -> String {
    let mean = difference.estimate.mean * scale.factor.abs();
    let p = match difference.corrected {
        Some(p) => format!(", p = {p:.3} corrected"),
        None => String::new(),
    };
    format!("{}: {mean:+.3}{p}", results.tasks[task].name)
}
