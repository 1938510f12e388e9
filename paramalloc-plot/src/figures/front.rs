//! The metric of methods against what they need, with the Pareto front.

use paramalloc_core::metric::Goal;

use super::axis::{Axis, Panel};
use super::curves::draw_legend;
use super::figure::{Figure, MARGIN};
use super::heading;
use super::line_style::LineStyle;
use super::palette::RULE;
use crate::compare::{MethodResults, Results};
use crate::format;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 62.0;

/// A mark for each method: its mean over tasks and seeds, with the interval,
/// against the multiply-adds that a task needs. A line joins the methods that
/// none beats in both.
pub fn draw(results: &Results) -> Figure {
    let mut figure = Figure::default();
    let lines = [
        format!(
            "{} on {}: mean over tasks and seeds, bars: 95 % interval.",
            format::words(&results.metric),
            results.split
        ),
        "Across: share of the multiply-adds of the network that a task needs, mean over the tasks."
            .to_owned(),
        "Line: what no other method beats in both.".to_owned(),
    ];
    let top = heading::draw_lines(&mut figure, "Metric against cost", &lines) + 30.0;
    let methods = || results.methods.iter();
    let interval = |method: &MethodResults| method.mean.estimate.interval(results.range);
    let values = methods().flat_map(|method| {
        let mean = method.mean.estimate.mean;
        let (low, high) = interval(method).unwrap_or((mean, mean));
        [low, mean, high]
    });
    let values: Vec<f64> = values.collect();
    let costs: Vec<f64> = methods().map(cost).collect();
    let panel = Panel {
        x: MARGIN + LEFT,
        y: top,
        width: WIDTH,
        height: HEIGHT,
        across: Axis::values([0.0, 1.0].into_iter().chain(costs), true, false),
        up: Axis::values(values.iter().copied(), results.is_share(), false),
        below: "multiply-adds of a task",
    };
    panel.draw(
        &mut figure,
        &format!("Mean {}", format::words(&results.metric)),
    );
    if let Some(goal) = results.goal {
        let points = front(results, goal).into_iter().map(|index| {
            let method = &results.methods[index];
            panel.at(cost(method), method.mean.estimate.mean)
        });
        figure.line(points.collect(), 3.0, RULE);
    }
    for (index, method) in methods().enumerate() {
        let style = LineStyle::numbered(index);
        if let Some((low, high)) = interval(method) {
            let ends = [low, high].map(|value| panel.at(cost(method), value));
            figure.line(ends.into(), 1.5, style.color);
        }
        let mean = method.mean.estimate.mean;
        style.draw(&mut figure, &[panel.at(cost(method), mean)], 1);
        let shown = format::metric(&results.metric, mean);
        let needs = format::percent(cost(method), 1);
        figure.hint(format!(
            "{}: {shown} with {needs} of the multiply-adds",
            method.label
        ));
    }
    let entries = methods().enumerate();
    let entries: Vec<(String, LineStyle)> = entries
        .map(|(index, method)| (method.label.clone(), LineStyle::numbered(index)))
        .collect();
    draw_legend(
        &mut figure,
        &entries,
        (MARGIN + LEFT, top + HEIGHT + 56.0),
        (0.0, WIDTH),
    );
    figure
}

fn cost(method: &MethodResults) -> f64 {
    method.multiply_add_share.mean
}

/// The methods that none beats in both, the cheapest first.
fn front(results: &Results, goal: Goal) -> Vec<usize> {
    let methods = &results.methods;
    let value = |index: usize| methods[index].mean.estimate.mean;
    let mut order: Vec<usize> = (0..methods.len()).collect();
    order.sort_by(|&a, &b| {
        let by_value = match goal {
            Goal::Maximize => value(b).total_cmp(&value(a)),
            Goal::Minimize => value(a).total_cmp(&value(b)),
        };
        cost(&methods[a])
            .total_cmp(&cost(&methods[b]))
            .then(by_value)
    });
    let mut front: Vec<usize> = Vec::new();
    for index in order {
        if front
            .last()
            .is_none_or(|&last| goal.is_better(value(index), value(last)))
        {
            front.push(index);
        }
    }
    front
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Estimate, Outcome};

    #[test]
    fn the_front_has_what_none_beats_in_both() {
        let method = |cost: f64, value: f64| MethodResults {
            label: String::new(),
            seeds: vec![0],
            tasks: Vec::new(),
            mean: Outcome {
                estimate: Estimate::new(&[value]).unwrap(),
                difference: None,
            },
            gain: None,
            parameter_share: Estimate::new(&[cost]).unwrap(),
            multiply_add_share: Estimate::new(&[cost]).unwrap(),
            multiply_adds: None,
            seconds: None,
        };
        let results = Results {
            split: "test".into(),
            metric: "accuracy".into(),
            goal: Some(Goal::Maximize),
            range: (0.0, 1.0),
            tasks: Vec::new(),
            methods: vec![
                method(1.0, 0.95),
                method(0.25, 0.90),
                method(0.5, 0.89),
                method(0.5, 0.96),
                method(0.25, 0.85),
            ],
        };
        assert_eq!(front(&results, Goal::Maximize), [1, 3]);
        assert_eq!(front(&results, Goal::Minimize), [4]);
    }
}
