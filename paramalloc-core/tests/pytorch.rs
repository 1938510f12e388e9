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

#[test]
fn layers_give_the_values_of_pytorch() {
    let text = include_str!("fixtures/layers/cases.json");
    let fixture: Fixture = serde_json::from_str(text).unwrap();
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
