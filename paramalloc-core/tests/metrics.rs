//! Metrics against scikit-learn: `fixtures/metrics/make.py` wrote the cases.

use std::collections::BTreeMap;

use paramalloc_core::data::{BatchTargets, TargetKind, Targets};
use paramalloc_core::metric::{NAMES, Predictions, by_name};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    kind: String,
    width: usize,
    outputs: Vec<f32>,
    targets: Vec<Option<f32>>,
    weights: Option<Vec<f32>>,
    expected: BTreeMap<String, f64>,
}

#[test]
fn every_metric_has_the_values_of_scikit_learn() {
    let fixture: Fixture =
        serde_json::from_str(include_str!("fixtures/metrics/cases.json")).unwrap();
    let mut compared: Vec<&str> = Vec::new();
    for case in &fixture.cases {
        let values: Vec<f32> = (case.targets.iter())
            .map(|target| target.unwrap_or(f32::NAN))
            .collect();
        let classes: Vec<u16> = values.iter().map(|&value| value as u16).collect();
        let (kind, targets) = match case.kind.as_str() {
            "classes" => (TargetKind::Classes, Targets::Classes(&classes)),
            "labels" => (TargetKind::Labels, Targets::Values(&values)),
            _ => (TargetKind::Values, Targets::Values(&values)),
        };
        let predictions = Predictions {
            outputs: &case.outputs,
            width: case.width,
            targets: BatchTargets {
                targets,
                weights: case.weights.as_deref(),
            },
            kind,
        };
        for (name, expected) in &case.expected {
            let metric = by_name(name).unwrap();
            assert!(metric.accepts(kind), "{name}");
            let value = metric.value(&predictions).unwrap();
            // The loss itself is computed in single precision.
            let tolerance = if name == "log_loss" { 1e-6 } else { 1e-9 };
            assert!(
                (value - expected).abs() <= tolerance * expected.abs().max(1.0),
                "{}: {name} is {value}, not {expected}",
                case.name
            );
            compared.push(name);
        }
    }
    for name in NAMES {
        assert!(compared.contains(&name), "no case has {name}");
    }
}
