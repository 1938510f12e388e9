//! The figures of runs of several shapes.

use super::figure::{MARGIN, Shape};
use super::{Figure, allocation, palette};
use crate::generated_runs::{self, GeneratedRun};
use crate::report;
use paramalloc_core::summary::Metric;

fn figures(run: GeneratedRun) -> Vec<(&'static str, Figure)> {
    super::figures(&run.summary, &run.metrics)
}

/// Left, top, right and bottom of each text, with the text.
fn labels(figure: &Figure) -> Vec<([f64; 4], &str)> {
    let texts = figure.shapes.iter().filter_map(|shape| match shape {
        Shape::Text(text) => Some((text.bounds(), text.text.as_str())),
        _ => None,
    });
    texts.collect()
}

#[test]
fn labels_neither_overlap_nor_leave_the_figure() {
    let runs = [
        generated_runs::digits(),
        generated_runs::fixed(),
        generated_runs::single(),
        generated_runs::clusters(),
        generated_runs::alphabets(),
    ];
    for run in runs {
        let experiment = run.summary.experiment.clone();
        for (name, figure) in figures(run) {
            let labels = labels(&figure);
            for (index, (a, text)) in labels.iter().enumerate() {
                let inside = a[0] >= MARGIN - 1.0
                    && a[1] >= MARGIN - 1.0
                    && a[2] <= figure.width - MARGIN + 1.0
                    && a[3] <= figure.height - MARGIN + 1.0;
                assert!(inside, "{experiment}, {name}: {text} at {a:?}");
                for (b, other) in &labels[..index] {
                    let apart = a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3];
                    assert!(apart, "{experiment}, {name}: {text} over {other}");
                }
            }
        }
    }
}

#[test]
fn every_task_layer_and_group_is_named() {
    let run = generated_runs::clusters();
    let summary = run.summary.clone();
    for (name, figure) in figures(run).iter().filter(|(name, _)| *name != "curves") {
        let labels: Vec<&str> = labels(figure).iter().map(|label| label.1).collect();
        let tasks = summary.tasks.iter().map(|task| &task.name);
        for expected in tasks.chain(&summary.groups()) {
            assert!(labels.contains(&expected.as_str()), "{name}: {expected}");
        }
        for layer in summary
            .routed_layers
            .iter()
            .filter(|_| *name != "similarity")
        {
            assert!(
                labels.contains(&layer.name.as_str()),
                "{name}: {}",
                layer.name
            );
        }
    }
}

#[test]
fn the_allocation_fills_a_cell_per_connection() {
    let run = generated_runs::digits();
    let rows = run.summary.allocation_rows();
    let used = rows.iter().flatten().filter(|&&used| used == 1).count();
    let unused = rows.iter().flatten().count() - used;
    let figure = allocation::draw(&run.summary);
    let cells = |wanted: plotters::style::RGBColor| {
        let shapes = figure.shapes.iter();
        let same = |shape: &&Shape| matches!(shape, Shape::Rectangle { color, width, height, .. } if *color == wanted && width == height);
        shapes.filter(same).count()
    };
    let filled = cells(palette::category(0)) + cells(palette::category(1));
    assert_eq!((filled, cells(palette::EMPTY)), (used, unused));
}

#[test]
fn a_fixed_router_has_no_figure_of_probabilities() {
    let names = |run| -> Vec<&str> { figures(run).iter().map(|p| p.0).collect() };
    assert_eq!(
        names(generated_runs::fixed()),
        ["allocation", "similarity", "curves"]
    );
    let all = ["allocation", "similarity", "probabilities", "curves"];
    assert_eq!(names(generated_runs::digits()), all);
}

#[test]
fn runs_of_any_size_are_drawn() {
    for (tasks, layers, components) in [(2, 1, 300), (300, 2, 2), (3, 60, 2), (1, 1, 1)] {
        let run = generated_runs::sized(tasks, layers, components);
        let report = report::whole(&run.summary, 1);
        assert!(report.contains("task 0"));
        for (name, figure) in figures(run) {
            let longest = figure.width.max(figure.height);
            assert!(longest < 4500.0, "{name} of {tasks} tasks: {longest}");
        }
    }
    // Stopped before its first step.
    let mut run = generated_runs::digits();
    run.metrics.truncate(1);
    let Metric::Train(line) = &mut run.metrics[0] else {
        panic!("the first line is of training");
    };
    line.global_step = 0;
    assert_eq!(figures(run).len(), 4);
}
