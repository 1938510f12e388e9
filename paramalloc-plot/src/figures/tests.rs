//! The figures of runs of several shapes.

use super::figure::{MARGIN, Shape};
use super::palette::{Color, Theme};
use super::{Figure, allocation, font, pdf, render, standalone_svg};
use crate::generated_runs::{self, GeneratedRun};
use crate::report;
use paramalloc_core::summary::{Metric, Summary};

fn figures(run: GeneratedRun) -> Vec<(&'static str, Figure)> {
    super::figures(&run.summary, &run.metrics, Some(0.5))
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

/// The share beside a task, which the budget limits, is of what routers choose.
#[test]
fn gates_use_up_no_budget() {
    let run = generated_runs::digits();
    let mut others = run.summary.clone();
    others.routed_layers.remove(1);
    let mut gated = run.summary;
    gated.routed_layers[1].gated = true;
    let shares = allocation::expected_shares(&gated);
    assert_eq!(shares, allocation::expected_shares(&others));
    let has = |summary: &Summary, label: &str| {
        let figure = allocation::draw(summary, Some(0.5));
        labels(&figure).iter().any(|found| found.1 == label)
    };
    let count = |summary: &Summary| {
        let rows = summary.allocation_rows();
        format!(
            "{} of {}",
            rows[0].iter().filter(|&&u| u == 1).count(),
            rows[0].len()
        )
    };
    assert!(has(&gated, &count(&others)) && has(&gated, "budget 50 %"));
    for layer in &mut gated.routed_layers {
        layer.gated = true;
    }
    assert!(has(&gated, &count(&gated)) && !has(&gated, "budget 50 %"));
    let names = super::figures(&gated, &run.metrics, Some(0.5));
    let names: Vec<&str> = names.iter().map(|figure| figure.0).collect();
    assert_eq!(names, ["allocation", "curves"]);
}

#[test]
fn the_allocation_has_a_cell_per_connection_and_half_of_one_if_undecided() {
    let mut run = generated_runs::digits();
    run.summary.routed_layers[1].probabilities[2] = vec![0.2, 0.5, 0.7, 0.05];
    run.summary.routed_layers[1].allocation[2] = vec![0, 1, 1, 0];
    let layers = || run.summary.routed_layers.iter();
    let all = layers().flat_map(|l| l.probabilities.iter().flatten());
    let (decided, undecided): (Vec<f32>, Vec<f32>) = all.partition(|&&p| p <= 0.1 || p >= 0.9);
    let used = decided.iter().filter(|&&p| p >= 0.9).count();
    assert!(undecided.len() >= 3);

    let figure = allocation::draw(&run.summary, Some(0.5));
    let squares = figure.shapes.iter().filter_map(|shape| match shape {
        Shape::Rectangle {
            color,
            width,
            height,
            ..
        } if width == height => Some(*color),
        _ => None,
    });
    let (filled, empty): (Vec<Color>, Vec<Color>) = squares.partition(|c| *c != Color::Empty);
    assert!(
        filled
            .iter()
            .all(|color| matches!(color, Color::Shade(_, 90..)))
    );
    assert_eq!(filled.len(), used);
    assert_eq!(empty.len(), decided.len() - used + undecided.len());
    let halves = figure
        .shapes
        .iter()
        .filter(|s| matches!(s, Shape::Polygon { .. }));
    assert_eq!(halves.count(), undecided.len());
    let hints: Vec<&String> = figure.hints.values().collect();
    let expected = "MNIST-Rot, conv2 1: used, probability 0.500";
    assert!(hints.iter().any(|hint| *hint == expected), "{hints:?}");
    assert!(labels(&figure).iter().any(|label| label.1 == "budget 50 %"));
}

#[test]
fn every_kind_of_file_is_written() {
    let figure = allocation::draw(&generated_runs::digits().summary, None);
    for theme in [Theme::Light, Theme::Dark] {
        let png = render::png(&figure, theme).unwrap();
        assert!(png.starts_with(b"\x89PNG"));
        let pdf = pdf::pdf(&figure, theme).unwrap();
        assert!(pdf.starts_with(b"%PDF-") && pdf.ends_with(b"%%EOF"));
    }
    let [light, dark] = [Theme::Light, Theme::Dark]
        .map(|theme| String::from_utf8(standalone_svg(&figure, theme)).unwrap());
    assert!(light.contains("fill=\"#ffffff\"") && !dark.contains("fill=\"#ffffff\""));
    assert!(light.contains("<title>MNIST, conv1 0: "));
}

#[test]
fn names_of_any_script_are_drawn_or_said() {
    let mut run = generated_runs::digits().summary;
    run.tasks[0].name = "数字 \u{10fffe} <b>".into();
    let svg = standalone_svg(&allocation::draw(&run, None), Theme::Light);
    let svg = String::from_utf8(svg).unwrap();
    assert!(svg.contains("数字 \u{10fffe} &lt;b&gt;</text>"), "{svg}");
    assert!(font::missing(&run.tasks[0].name).contains(&'\u{10fffe}'));
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
