use super::*;

use crate::data::Targets;
use crate::network::init::initial_parameters;
use crate::random::Random;
use crate::testing::plan;

/// Components that are off have no gradient but the penalty's.
#[test]
fn the_norm_is_that_of_the_gradient_with_l2() {
    let plan = Arc::new(plan(&[3, 2]));
    let parameters = initial_parameters(&plan, &Random::new(5));
    let mut engine = CpuEngine::new(plan.clone(), &[true; 3], parameters.clone(), 2).unwrap();
    let inputs: Vec<f32> = (0..16 * plan.input.len())
        .map(|i| (i as f32 * 0.37).sin())
        .collect();
    let allocation = Allocation {
        task: 1,
        weights: &[1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0],
        learns: &[true; 7],
    };
    let batch = Batch {
        len: 16,
        inputs: &inputs,
        targets: Targets::Classes(&[0, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1]).into(),
        total_weight: 16.0,
        masks: &[],
    };
    engine.gradients(allocation, batch).unwrap();
    for l2 in [0.0, 0.1] {
        let mut gradient = engine.parameter_gradient();
        for decayed in plan.parameters.iter().filter(|p| p.decayed) {
            for i in decayed.range.clone() {
                gradient[i] += l2 * parameters[i];
            }
        }
        let expected: f64 = gradient.iter().map(|&g| f64::from(g).powi(2)).sum();
        let close = |given: f64, expected: f64| {
            let error = (given - expected).abs();
            assert!(error < 1e-6 * expected, "{l2}: {given}, not {expected}");
        };
        assert!(expected > 0.0, "{l2}");
        close(engine.gradient_norm_squared(l2, None), expected);
        let extra: Vec<f32> = parameters.iter().map(|p| 0.5 * p + 0.1).collect();
        let sums = gradient.iter().zip(&extra).map(|(g, e)| f64::from(g + e));
        let expected = sums.map(|sum| sum * sum).sum();
        close(engine.gradient_norm_squared(l2, Some(&extra)), expected);
    }
}
