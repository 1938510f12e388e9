//! Each layer against PyTorch's values: the output and the gradients of input
//! and parameters, by the CPU kernels and composed of dfdx's operations.
//! `tests/fixtures/layers/make.py` made them.

mod support;

use paramalloc_core::layers::Spec;
use paramalloc_core::network::Sharing;
use paramalloc_core::network::shape::Dims;
use serde::Deserialize;
use support::on_device::{OnDevice, Path, nothing};
use support::random::Case;
use support::{assert_close, plan};

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<LayerCase>,
}

#[derive(Deserialize)]
struct LayerCase {
    spec: Spec,
    input: Dims,
    batch: usize,
    x: Vec<f32>,
    parameters: Vec<f32>,
    output_gradient: Vec<f32>,
    output: Vec<f64>,
    x_gradient: Vec<f64>,
    parameter_gradient: Vec<f64>,
    masks: Option<Vec<Vec<f32>>>,
}

/// Layers of the list that have no numbers of PyTorch's, because they are the user's.
const OWN: [&str; 1] = ["Custom"];

/// Every layer of the list has a case.
fn check_names(fixture: &Fixture) {
    let list = include_str!("../src/layers/mod.rs");
    let (_, list) = list.split_once("layers! {").unwrap();
    let lines = list
        .lines()
        .filter_map(|line| line.trim().strip_suffix(';'));
    let variants = lines.filter_map(|line| {
        let (_, rest) = line.split_once(": ")?;
        rest.split(['(', ' ']).next()
    });
    let variants: Vec<&str> = variants.chain(["Residual"]).collect();
    assert!(variants.len() > 20, "{variants:?}");
    for variant in variants {
        let stored = |case: &LayerCase| serde_json::to_string(&case.spec).unwrap();
        let is_of = |case: &LayerCase| stored(case).contains(&format!("\"{variant}\""));
        let found = fixture.cases.iter().any(is_of) || OWN.contains(&variant);
        assert!(found, "no case of {variant}");
    }
}

/// Of the largest value.
const TOLERANCE: f64 = 1e-5;

/// Of a difference.
const STEP: f64 = 1e-3;

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("fixtures/layers/cases.json")).unwrap()
}

#[test]
fn layers_give_the_values_of_pytorch() {
    let fixture = fixture();
    check_names(&fixture);
    for of in fixture.cases {
        let name = format!("{} on {}", of.spec, of.input);
        let plan = plan(of.input, &of.spec, Sharing::Shared, 1);
        let own = of.parameters.len();
        let mut parameters = of.parameters;
        parameters.resize(plan.parameter_len(), 0.0);
        let case = Case {
            batch: of.batch,
            x: of.x,
            parameters,
            weights: None,
            masks: of.masks,
            output_gradient: of.output_gradient,
        };
        for path in [Path::Device, Path::Composed] {
            let got = OnDevice::new(&plan, &case, true).train(&plan, path, nothing);
            let name = format!("{name}, {path:?}");
            assert_close(&name, &got.output, &of.output, TOLERANCE);
            assert_close(&name, &got.x, &of.x_gradient, TOLERANCE);
            let parameters = &got.parameters[..own];
            assert_close(&name, parameters, &of.parameter_gradient, TOLERANCE);
        }
    }
}

/// Gradients against differences of outputs along them: along a gradient of norm 1 the
/// slope is its norm, far above rounding.
#[test]
fn gradients_are_slopes() {
    for of in fixture().cases {
        let name = format!("{} on {}", of.spec, of.input);
        let plan = plan(of.input, &of.spec, Sharing::Shared, 1);
        let own = of.parameters.len();
        let is_index = name.starts_with("Embedding");
        let mut case = Case {
            batch: of.batch,
            x: of.x,
            parameters: of.parameters,
            weights: None,
            masks: of.masks,
            output_gradient: of.output_gradient,
        };
        case.parameters.resize(plan.parameter_len(), 0.0);
        for path in [Path::Device, Path::Composed] {
            let got = OnDevice::new(&plan, &case, true).train(&plan, path, nothing);
            let objective = |case: &Case| -> f64 {
                let y = OnDevice::new(&plan, case, true).evaluate(&plan, path);
                let pairs = y.iter().zip(&case.output_gradient);
                pairs.map(|(y, dy)| f64::from(*y) * f64::from(*dy)).sum()
            };
            let slope = |gradient: &[f32], of: fn(&mut Case) -> &mut [f32]| {
                let norm = gradient
                    .iter()
                    .map(|g| f64::from(g * g))
                    .sum::<f64>()
                    .sqrt();
                let along = |step: f64| {
                    let mut moved = case.clone();
                    for (value, g) in of(&mut moved).iter_mut().zip(gradient) {
                        *value += (step * f64::from(*g) / norm) as f32;
                    }
                    objective(&moved)
                };
                let difference = (along(STEP) - along(-STEP)) / (2.0 * STEP);
                assert!(norm > 0.0, "{name}, {path:?}");
                let off = (difference - norm).abs();
                assert!(off < 1e-2 * norm, "{name}, {path:?}: {difference}, {norm}");
            };
            if !is_index {
                slope(&got.x, |case| &mut case.x);
            }
            if own > 0 {
                slope(&got.parameters[..own], |case| &mut case.parameters);
            }
        }
    }
}
