//! The metric of methods against what they need, with the Pareto front.

use paramalloc_core::metric::Goal;

use super::axis::{Axis, Panel};
use super::curves::draw_legend;
use super::figure::{Figure, LABEL, MARGIN};
use super::line_style::LineStyle;
use super::palette::RULE;
use super::{font, heading};
use crate::compare::{MethodResults, Results};
use crate::format;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 62.0;

/// How good each method is.
struct Quality {
    /// What it is.
    name: String,
    goal: Option<Goal>,
    is_share: bool,
    /// Mean of each method, with the ends of its interval if there is one.
    values: Vec<(f64, Option<(f64, f64)>)>,
}

impl Quality {
    /// The mean of the metric of all tasks; where there is none, the relative gain
    /// over the first method, if it is known of every other.
    fn of(results: &Results) -> Option<Self> {
        let methods = || results.methods.iter();
        if let Some(metric) = &results.metric {
            let value = |method: &MethodResults| {
                let estimate = method.mean?.estimate;
                Some((estimate.mean, estimate.interval(metric.range)))
            };
            return Some(Self {
                name: format!("Mean {}", format::words(&metric.name)),
                goal: metric.goal,
                is_share: metric.is_share(),
                values: methods().map(value).collect::<Option<_>>()?,
            });
        }
        let gain = |method: &MethodResults| {
            let gain = method.gain?;
            Some((gain.mean, gain.interval((f64::NEG_INFINITY, f64::INFINITY))))
        };
        let others = methods().skip(1).map(gain).collect::<Option<Vec<_>>>()?;
        (!others.is_empty()).then(|| Self {
            name: format!("Mean gain over {}", results.methods[0].label),
            goal: Some(Goal::Maximize),
            is_share: true,
            values: [(0.0, None)].into_iter().chain(others).collect(),
        })
    }

    fn shown(&self, value: f64) -> String {
        match self.is_share {
            true => format::percent(value, 2),
            false => format::metric("", value),
        }
    }
}

/// A mark for each method: its mean over tasks and seeds, with the interval,
/// against the multiply-adds that a task needs. A line joins the methods that
/// none beats in both. `None` if the tasks have no metric in common and the
/// methods no seeds.
pub fn draw(results: &Results) -> Option<Figure> {
    let quality = Quality::of(results)?;
    let mut figure = Figure::default();
    let lines = [
        format!(
            "{} on {}, over tasks and seeds; bars: 95 % interval.",
            quality.name, results.split
        ),
        "Across: share of the multiply-adds of the network that a task needs, mean over the tasks."
            .to_owned(),
        "Line: what no other method beats in both.".to_owned(),
    ];
    let top = heading::draw_lines(&mut figure, "Metric against cost", &lines) + 30.0;
    let methods = || results.methods.iter().zip(&quality.values);
    let ends = quality.values.iter().flat_map(|&(mean, interval)| {
        let (low, high) = interval.unwrap_or((mean, mean));
        [low, mean, high]
    });
    let costs = results.methods.iter().map(cost);
    let panel = Panel {
        x: MARGIN + LEFT,
        y: top,
        width: WIDTH,
        height: HEIGHT,
        across: Axis::values([0.0, 1.0].into_iter().chain(costs), true, false),
        up: Axis::values(ends, quality.is_share, false),
        below: "multiply-adds of a task",
    };
    let title = font::fit(&quality.name, LABEL + 1.0, WIDTH / font::WIDER);
    panel.draw(&mut figure, &title);
    if let Some(goal) = quality.goal {
        let points: Vec<(f64, f64)> = methods().map(|(m, value)| (cost(m), value.0)).collect();
        let line = front(&points, goal).into_iter().map(|index| {
            let (cost, value) = points[index];
            panel.at(cost, value)
        });
        figure.line(line.collect(), 3.0, RULE);
    }
    for (index, (method, &(mean, interval))) in methods().enumerate() {
        let style = LineStyle::numbered(index);
        if let Some((low, high)) = interval {
            let ends = [low, high].map(|value| panel.at(cost(method), value));
            figure.line(ends.into(), 1.5, style.color);
        }
        style.draw(&mut figure, &[panel.at(cost(method), mean)], 1);
        let needs = format::percent(cost(method), 1);
        figure.hint(format!(
            "{}: {} with {needs} of the multiply-adds",
            method.label,
            quality.shown(mean)
        ));
    }
    let entries = results.methods.iter().enumerate();
    let entries: Vec<(String, LineStyle)> = entries
        .map(|(index, method)| (method.label.clone(), LineStyle::numbered(index)))
        .collect();
    draw_legend(
        &mut figure,
        &entries,
        (MARGIN + LEFT, top + HEIGHT + 56.0),
        (0.0, WIDTH),
    );
    Some(figure)
}

fn cost(method: &MethodResults) -> f64 {
    method.multiply_add_share.mean
}

/// Of points of cost and value those that none beats in both, the cheapest first.
fn front(points: &[(f64, f64)], goal: Goal) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|&a, &b| {
        let by_value = match goal {
            Goal::Maximize => points[b].1.total_cmp(&points[a].1),
            Goal::Minimize => points[a].1.total_cmp(&points[b].1),
        };
        points[a].0.total_cmp(&points[b].0).then(by_value)
    });
    let mut front: Vec<usize> = Vec::new();
    for index in order {
        let last = front.last();
        if last.is_none_or(|&last| goal.is_better(points[index].1, points[last].1)) {
            front.push(index);
        }
    }
    front
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_has_what_none_beats_in_both() {
        let points = [
            (1.0, 0.95),
            (0.25, 0.90),
            (0.5, 0.89),
            (0.5, 0.96),
            (0.25, 0.85),
        ];
        assert_eq!(front(&points, Goal::Maximize), [1, 3]);
        assert_eq!(front(&points, Goal::Minimize), [4]);
    }
}
