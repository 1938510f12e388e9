//! What the metrics of a run, or of several seeds, have over time.

use std::ops::Range;

use paramalloc_core::summary::{EvaluationMetric, Metric, Summary, TrainMetric};

use crate::format::{self, mean, splits_in_order};

/// Most points of a curve, for a few and for many tasks; a longer one is
/// averaged.
const POINTS: (usize, usize) = (240, 80);
/// Up to this many tasks are a few.
pub const FEW_TASKS: usize = 8;
/// Share of a curve that is averaged to smooth it.
const WINDOW: usize = 20;

/// Step and value.
pub type Point = (f64, f64);

/// A run of one of several seeds.
#[derive(Clone, Copy, Debug)]
pub struct Course<'a> {
    pub summary: &'a Summary,
    pub metrics: &'a [Metric],
    /// Share of the components that tasks may use without penalty.
    pub budget: Option<f64>,
}

/// One curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// As it is; of several seeds the mean.
    pub raw: Vec<Point>,
    /// The same, smoothed.
    pub smooth: Vec<Point>,
    /// Step, least and largest value of several seeds.
    pub band: Vec<(f64, f64, f64)>,
}

/// One quantity over time: a curve for each task in the order asked for, or a
/// single one.
#[derive(Clone, Debug)]
pub struct Chart {
    pub title: String,
    pub curves: Vec<Curve>,
    pub share: bool,
    pub log: bool,
    /// Where a level line is.
    pub level: Option<f64>,
    /// Whether it has a curve for each task.
    pub by_task: bool,
}

impl Chart {
    /// Whether no curve has more than a point, as where a run was evaluated once.
    pub fn has_one_moment(&self) -> bool {
        self.by_task && self.curves.iter().all(|curve| curve.raw.len() <= 1)
    }
}

/// The charts of some runs of the same settings, at least one, tasks in this
/// `order`.
pub fn charts(runs: &[Course<'_>], order: &[usize]) -> Vec<Chart> {
    let mut charts = vec![Chart {
        log: true,
        ..by_task(runs, order, "Training loss", |line, task| {
            line.task_loss[task]
        })
    }];
    charts.extend(metric_charts(runs, order));
    let lines = || runs.iter().flat_map(|run| train_lines(run.metrics));
    // A fixed router has probabilities too, and no temperature.
    let learns = lines().any(|line| line.temperature > 0.0 && has_probabilities(line));
    if learns {
        let budget = runs[0].budget;
        let title = match budget {
            None => "Mean connection probability".to_owned(),
            Some(budget) => format!(
                "Mean connection probability, budget {}",
                format::percent(budget, 0)
            ),
        };
        let layers = || runs[0].summary.routed_layers.iter();
        let gated = |name: &str| layers().any(|layer| layer.gated && layer.name == name);
        charts.push(Chart {
            share: true,
            level: budget,
            ..by_task(runs, order, &title, |line, task| used(line, task, gated))
        });
    }
    if lines().any(|line| line.auxiliary_loss != 0.0) {
        charts.push(single(runs, "Auxiliary loss", |line| line.auxiliary_loss));
    }
    if learns {
        let title = "Entropy of the connections (nats)";
        charts.push(single(runs, title, |line| line.entropy));
        charts.push(Chart {
            log: true,
            ..single(runs, "Temperature", |line| line.temperature)
        });
    }
    charts.retain(|chart| chart.curves.iter().any(|curve| !curve.raw.is_empty()));
    charts
}

fn train_lines(metrics: &[Metric]) -> impl Iterator<Item = &TrainMetric> {
    metrics.iter().filter_map(|metric| match metric {
        Metric::Train(line) => Some(line),
        Metric::Evaluation(_) => None,
    })
}

fn evaluations(metrics: &[Metric]) -> impl Iterator<Item = &EvaluationMetric> {
    metrics.iter().filter_map(|metric| match metric {
        Metric::Train(_) => None,
        Metric::Evaluation(line) => Some(line),
    })
}

fn has_probabilities(line: &TrainMetric) -> bool {
    line.probabilities.values().any(|rows| !rows.is_empty())
}

/// Mean of the connection probabilities of a task, which the budget limits: gates
/// have none.
fn used(line: &TrainMetric, task: usize, is_gated: impl Fn(&str) -> bool) -> Option<f64> {
    let layers = line
        .probabilities
        .iter()
        .filter(|(name, _)| !is_gated(name));
    let rows = layers.filter_map(|(_, rows)| rows.get(task));
    mean(rows.flatten().map(|&p| f64::from(p)))
}

/// A chart of train lines with a curve for each task.
fn by_task(
    runs: &[Course<'_>],
    order: &[usize],
    title: &str,
    value: impl Fn(&TrainMetric, usize) -> Option<f64>,
) -> Chart {
    let points = if order.len() <= FEW_TASKS {
        POINTS.0
    } else {
        POINTS.1
    };
    let curve = |&task: &usize| {
        let curves = runs.iter().map(|run| {
            let lines: Vec<&TrainMetric> = train_lines(run.metrics).collect();
            binned(&lines, points, |line| value(line, task))
        });
        smoothed(over_seeds(curves.collect()))
    };
    Chart {
        title: title.to_owned(),
        curves: order.iter().map(curve).collect(),
        share: false,
        log: false,
        level: None,
        by_task: true,
    }
}

/// A chart of train lines with one curve.
fn single(runs: &[Course<'_>], title: &str, value: impl Fn(&TrainMetric) -> f64) -> Chart {
    let chart = by_task(runs, &[0], title, |line, _| Some(value(line)));
    Chart {
        by_task: false,
        ..chart
    }
}

/// One chart per split that was evaluated and metric that tasks are judged by.
fn metric_charts(runs: &[Course<'_>], order: &[usize]) -> Vec<Chart> {
    let lines = || runs.iter().flat_map(|run| evaluations(run.metrics));
    let splits = splits_in_order(lines().flat_map(|line| line.results.keys().map(String::as_str)));
    let summary = runs[0].summary;
    let mut names: Vec<&str> = Vec::new();
    for task in &summary.tasks {
        let name = summary.metric_of(task);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let chart = |(split, metric): (&str, &str)| {
        let curve = |&task: &usize| {
            let is_judged = summary.metric_of(&summary.tasks[task]) == metric;
            let curves = runs.iter().map(|run| {
                let points = evaluations(run.metrics).filter(|_| is_judged);
                let points = points.filter_map(|line| {
                    let value = *line.results.get(split)?.get(task)?;
                    // Undefined where a split has one class.
                    (!value.is_nan()).then_some((line.global_step as f64, value))
                });
                points.collect()
            });
            let mut curve = over_seeds(curves.collect());
            curve.smooth.clone_from(&curve.raw);
            curve
        };
        let name = format::sentence(&format::words(metric));
        Chart {
            title: format!("{name}, {split}"),
            curves: order.iter().map(curve).collect(),
            share: format::is_share(metric),
            log: !format::is_share(metric),
            level: None,
            by_task: true,
        }
    };
    let splits = splits.into_iter();
    let each = splits.flat_map(|split| names.iter().map(move |&name| (split, name)));
    each.map(chart).collect()
}

/// Means of neighboring lines, so that about `points` are left; the steps are
/// the same for all tasks.
fn binned(
    lines: &[&TrainMetric],
    points: usize,
    value: impl Fn(&TrainMetric) -> Option<f64>,
) -> Vec<Point> {
    let together = lines.len().div_ceil(points).max(1);
    let point = |lines: &[&TrainMetric]| {
        let step = mean(lines.iter().map(|line| line.global_step as f64))?;
        Some((step, mean(lines.iter().filter_map(|line| value(line)))?))
    };
    lines.chunks(together).filter_map(point).collect()
}

/// The mean over the seeds at each step, with a band where there are several.
fn over_seeds(curves: Vec<Vec<Point>>) -> Curve {
    if let [curve] = &curves[..] {
        return Curve {
            raw: curve.clone(),
            ..Curve::default()
        };
    }
    let mut points: Vec<Point> = curves.into_iter().flatten().collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut curve = Curve::default();
    for same in points.chunk_by(|a, b| a.0 == b.0) {
        let values = || same.iter().map(|point| point.1);
        let low = values().fold(f64::INFINITY, f64::min);
        let high = values().fold(f64::NEG_INFINITY, f64::max);
        let mean = mean(values()).unwrap_or(low);
        curve.raw.push((same[0].0, mean));
        curve.band.push((same[0].0, low, high));
    }
    curve
}

/// With a moving mean over a part of the curve; the band likewise.
fn smoothed(mut curve: Curve) -> Curve {
    let reach = curve.raw.len() / WINDOW / 2;
    let around = |index: usize, all: usize| -> Range<usize> {
        // At the steep start as many before as after, so that it is not pulled
        // down; at the end what there is.
        let near = reach.min(index);
        index - near..(index + near + 1).min(all)
    };
    let all = curve.raw.len();
    let smooth = (0..all).map(|index| {
        let values = curve.raw[around(index, all)].iter().map(|point| point.1);
        (
            curve.raw[index].0,
            mean(values).unwrap_or(curve.raw[index].1),
        )
    });
    curve.smooth = smooth.collect();
    let band = (0..curve.band.len()).map(|index| {
        let near = &curve.band[around(index, all)];
        let (step, low, high) = curve.band[index];
        (
            step,
            mean(near.iter().map(|b| b.1)).unwrap_or(low),
            mean(near.iter().map(|b| b.2)).unwrap_or(high),
        )
    });
    curve.band = band.collect();
    curve
}

/// Mean over the curves at the steps where at least one has a point.
pub fn mean_curve<'a>(curves: impl Iterator<Item = &'a Curve>) -> Vec<Point> {
    let mut points: Vec<Point> = curves
        .flat_map(|curve| curve.smooth.iter().copied())
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let same = points.chunk_by(|a, b| a.0 == b.0);
    same.map(|same| {
        let sum: f64 = same.iter().map(|point| point.1).sum();
        (same[0].0, sum / same.len() as f64)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated_runs;

    fn line(step: u64, losses: [Option<f64>; 4]) -> Metric {
        Metric::Train(TrainMetric {
            global_step: step,
            task_loss: losses.into(),
            auxiliary_loss: 0.0,
            entropy: 0.0,
            temperature: 1.0,
            probabilities: [].into(),
        })
    }

    fn course<'a>(summary: &'a Summary, metrics: &'a [Metric]) -> Course<'a> {
        Course {
            summary,
            metrics,
            budget: None,
        }
    }

    #[test]
    fn a_long_curve_is_averaged_at_the_same_steps_for_all_tasks() {
        let summary = generated_runs::digits().summary;
        let losses = |step: u64| {
            let first = (step != 1).then_some(step as f64);
            line(step, [first, Some(1.0), None, Some(2.0)])
        };
        let metrics: Vec<Metric> = (1..=2 * POINTS.0 as u64).map(losses).collect();
        let loss = &charts(&[course(&summary, &metrics)], &[0, 1, 2, 3])[0];
        assert_eq!(loss.curves[0].raw[..2], [(1.5, 2.0), (3.5, 3.5)]);
        assert_eq!(loss.curves[1].raw[..2], [(1.5, 1.0), (3.5, 1.0)]);
        assert_eq!(loss.curves[0].raw.len(), POINTS.0);
        assert_eq!(loss.curves[2].raw, []);
        // A straight line stays one.
        assert!(
            loss.curves[0].smooth[100..110]
                .iter()
                .all(|p| (p.0 - p.1).abs() < 1e-9)
        );
        assert!(loss.curves[0].band.is_empty());
    }

    #[test]
    fn seeds_have_a_mean_and_a_band() {
        let summary = generated_runs::digits().summary;
        let run = |value: f64| vec![line(8, [Some(value); 4]), line(16, [Some(value + 1.0); 4])];
        let runs = [run(1.0), run(2.0), run(6.0)];
        let runs: Vec<Course<'_>> = runs
            .iter()
            .map(|metrics| course(&summary, metrics))
            .collect();
        let loss = &charts(&runs, &[2])[0];
        assert_eq!(loss.curves[0].raw, [(8.0, 3.0), (16.0, 4.0)]);
        assert_eq!(loss.curves[0].band, [(8.0, 1.0, 6.0), (16.0, 2.0, 7.0)]);
    }

    #[test]
    fn what_is_used_is_beside_the_budget() {
        let run = generated_runs::digits();
        let course = Course {
            budget: Some(0.75),
            ..course(&run.summary, &run.metrics)
        };
        let charts = charts(&[course], &[0, 1, 2, 3]);
        let used = charts.iter().find(|chart| chart.level.is_some()).unwrap();
        assert_eq!(used.title, "Mean connection probability, budget 75 %");
        let last = used.curves[1].raw.last().unwrap().1;
        let rows = run
            .summary
            .routed_layers
            .iter()
            .flat_map(|l| &l.probabilities[1]);
        let end = mean(rows.map(|&p| f64::from(p))).unwrap();
        assert!((last - end).abs() < 0.01, "{last} and {end}");
    }

    #[test]
    fn the_mean_curve_uses_the_tasks_that_have_a_point() {
        let curve = |smooth: &[Point]| Curve {
            smooth: smooth.to_vec(),
            ..Curve::default()
        };
        let curves = [curve(&[(1.0, 2.0), (2.0, 4.0)]), curve(&[(2.0, 8.0)])];
        assert_eq!(mean_curve(curves.iter()), [(1.0, 2.0), (2.0, 6.0)]);
    }
}
