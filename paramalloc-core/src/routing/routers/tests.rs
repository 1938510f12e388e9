use super::*;
use crate::testing::plan;

/// `conv` and `last` learned, `mix` by `no_sharing`; two tasks.
fn routers() -> Routers {
    let settings = serde_json::from_str(
        r#"{"probs_init": 0.75, "fields": {"mix": {"method": "no_sharing"},
        "last": {"probs_init": [[0.25, 0.5], [0.75, 0.125]], "temperature_init": 2}}}"#,
    );
    Routers::new(&settings.unwrap(), &plan(&[5, 5])).unwrap()
}

fn uniforms() -> Vec<f32> {
    (0..10).map(|i| (i * 7 % 10) as f32 / 10.0 + 0.03).collect()
}

#[test]
fn values_of_all_layers_lie_one_after_the_other() {
    let routers = routers();
    let places: Vec<_> = (routers.layers.iter())
        .map(|l| {
            (
                l.components.clone(),
                l.uniforms.clone(),
                l.parameters.clone(),
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            (0..3, 0..6, 0..12),
            (3..5, 6..6, 12..12),
            (5..7, 6..10, 12..20)
        ]
    );
    assert_eq!((routers.component_len(), routers.uniform_len()), (7, 10));
    assert_eq!(routers.layers[2].row(1), 16..20);
    let saved: Vec<_> = routers.parameter_list().collect();
    let logits = |name, components, range| RouterParameter {
        path: format!("{name}.router.logits"),
        shape: [2, components, 2],
        range,
    };
    assert_eq!(saved, [logits("conv", 3, 0..12), logits("last", 2, 12..20)]);
}

#[test]
fn each_layer_is_sampled_with_its_own_row_draws_and_temperature() {
    let (routers, uniforms) = (routers(), uniforms());
    let grad_weights = [1.0, -2.0, 0.5, 3.0, -1.0, 0.25, 2.0];
    for (task, step) in [(0, 0), (1, 8)] {
        let mut weights = [9.0; 7];
        routers.sample(task, step, &uniforms, &mut weights);
        let mut gradient = vec![0.0; 20];
        routers.sample_backward(task, step, &uniforms, &grad_weights, &mut gradient);

        let (mut expected, mut expected_gradient) = ([9.0; 7], vec![0.0; 20]);
        let temperatures = [
            50.0 / (step as f32 + 1.0).sqrt(),
            2.0 / (step as f32 + 1.0).sqrt(),
        ];
        for (l, components, draws, row) in
            [(0, 0..3, 0..6, 6 * task), (2, 5..7, 6..10, 12 + 4 * task)]
        {
            let draw = Draw {
                uniform: &uniforms[draws],
                temperature: temperatures[l / 2],
            };
            let row = row..row + 2 * components.len();
            let (router, grad) = (&routers.layers[l].router, &grad_weights[components.clone()]);
            let parameters = &routers.parameters[row.clone()];
            router.sample(task, parameters, draw, &mut expected[components]);
            router.sample_backward(parameters, draw, grad, &mut expected_gradient[row]);
        }
        expected[3..5].copy_from_slice(if task == 0 { &[1.0, 0.0] } else { &[0.0, 1.0] });
        assert_eq!(weights, expected);
        assert_eq!(gradient, expected_gradient);
        assert!(gradient.iter().any(|&g| g != 0.0));
    }
}

#[test]
fn evaluation_probabilities_and_allocation() {
    let routers = routers();
    let mut weights = [9.0; 7];
    routers.evaluate(0, &mut weights);
    let third = 1.0 / 3.0;
    // A probability of 0.5 is used at evaluation, and so it is allocated.
    assert_eq!(weights, [third, third, third, 1.0, 0.0, 0.0, 1.0]);
    routers.evaluate(1, &mut weights);
    assert_eq!(weights, [third, third, third, 0.0, 1.0, 1.0, 0.0]);

    let near = |a: &[Vec<f32>], b: &[[f32; 2]]| {
        a.iter()
            .flatten()
            .zip(b.iter().flatten())
            .all(|(a, b)| (a - b).abs() < 1e-6)
    };
    assert!(near(
        &routers.probabilities(2),
        &[[0.25, 0.5], [0.75, 0.125]]
    ));
    assert_eq!(routers.allocation(0), [[1, 1, 1], [1, 1, 1]]);
    assert_eq!(routers.allocation(1), [[1, 0], [0, 1]]);
    assert_eq!(routers.allocation(2), [[0, 1], [1, 0]]);
}
