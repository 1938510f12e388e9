//! The reference's gradients against differences of its outputs.

mod support;

use paramalloc_core::layers::{DropoutSpec, GroupNormSpec, LinearSpec, Spec};
use paramalloc_core::network::Sharing;
use paramalloc_core::network::shape::{Dims, Padding};
use support::random::{Case, Random};
use support::reference::{Inputs, field};
use support::{conv, plan, routed, sequence, to_f64};

/// `sum of output * output_gradient` with value `i` of one input moved.
fn difference(mut objective: impl FnMut(f64) -> f64) -> f64 {
    let step = 1e-5;
    (objective(step) - objective(-step)) / (2.0 * step)
}

#[test]
fn gradients_are_slopes() {
    let spec = sequence([
        conv((2, 4), (3, 2), 2, Padding::Same),
        Spec::ReLU,
        Spec::GroupNorm(GroupNormSpec {
            channels: 4,
            groups: 2,
        }),
        Spec::Dropout(DropoutSpec::OneIn(2)),
        support::max_pool(2, 1, Padding::Same),
        support::average_pool(3, 2, Padding::Same),
        Spec::Flatten2D,
        Spec::Linear(LinearSpec {
            input: 16,
            output: 3,
        }),
        Spec::ReLU,
    ]);
    for sharing in [Sharing::Shared, routed(3)] {
        check(&plan(Dims::image(2, 7, 8), &spec, sharing, 2));
    }
}

fn check(plan: &paramalloc_core::network::plan::Plan) {
    let case = Case::new(plan, 2, &mut Random(1));
    let (x, parameters) = (to_f64(&case.x), to_f64(&case.parameters));
    let dy = to_f64(&case.output_gradient);
    let weights = case.weights.as_deref().map(to_f64);
    let masks: Vec<Vec<f64>> = case.masks.iter().flatten().map(|m| to_f64(m)).collect();
    let run = |x: &[f64], parameters: &[f64], weights: Option<&[f64]>| {
        let inputs = Inputs {
            batch: case.batch,
            x,
            parameters,
            weights,
            masks: Some(&masks),
        };
        field(&plan.fields[0], &inputs, &dy)
    };
    let objective = |x: &[f64], parameters: &[f64], weights: Option<&[f64]>| -> f64 {
        let y = run(x, parameters, weights).output;
        y.iter().zip(&dy).map(|(y, dy)| y * dy).sum()
    };
    let moved = |values: &[f64], i: usize, by: f64| {
        let mut values = values.to_vec();
        values[i] += by;
        values
    };
    let outcome = run(&x, &parameters, weights.as_deref());
    let close = |what: &str, i: usize, gradient: f64, slope: f64| {
        let tolerance = 1e-6 * (1.0 + slope.abs());
        let is_close = (gradient - slope).abs() <= tolerance;
        assert!(is_close, "{what} {i}: {gradient}, but the slope is {slope}");
    };
    assert!(outcome.x.iter().any(|&dx| dx != 0.0));
    for (i, &dx) in outcome.x.iter().enumerate() {
        let slope = difference(|by| objective(&moved(&x, i, by), &parameters, weights.as_deref()));
        close("input", i, dx, slope);
    }
    for (i, &gradient) in outcome.parameters.iter().enumerate() {
        let slope = difference(|by| objective(&x, &moved(&parameters, i, by), weights.as_deref()));
        close("parameter", i, gradient, slope);
    }
    for (j, &gradient) in outcome.weights.iter().enumerate() {
        let weights = weights.as_deref().expect("a routed field");
        let slope = difference(|by| objective(&x, &parameters, Some(&moved(weights, j, by))));
        close("weight", j, gradient, slope);
    }
}

#[test]
fn loss_gradients_are_slopes() {
    let outputs = to_f64(&Random(2).values(12));
    let targets = to_f64(&Random(3).values(12));
    let classes = [0, 2, 3];
    type Function<'a> = &'a dyn Fn(&[f64]) -> (f64, Vec<f64>);
    let cross_entropy: Function = &|y| support::reference::cross_entropy(y, &classes);
    let squared_error: Function = &|y| support::reference::squared_error(y, &targets);
    for function in [cross_entropy, squared_error] {
        for (i, gradient) in function(&outputs).1.into_iter().enumerate() {
            let slope = difference(|by| {
                let mut outputs = outputs.clone();
                outputs[i] += by;
                function(&outputs).0
            });
            assert!((gradient - slope).abs() < 1e-8, "{gradient} and {slope}");
        }
    }
}
