//! Literals computed with numpy in float64:
//!
//! ```python
//! def softmax(z):
//!     e = np.exp(z - z.max(-1, keepdims=True)); return e / e.sum(-1, keepdims=True)
//! def weights_and_grad(logits, u, T, gw):
//!     g = -np.log(-np.log(u + 1e-20) + 1e-20)
//!     soft = softmax((logits + g) / T)
//!     y = (soft == soft.max(-1, keepdims=True))[:, 0] * 1.0
//!     m = max(y.sum(), 1)
//!     gy = gw / m - (y.sum() > 1) * (gw * y).sum() / m**2
//!     d = gy * soft[:, 0] * soft[:, 1] / T
//!     return y / m, np.stack([d, -d], -1)
//! ```

use super::*;

const LOGITS: [f32; 8] = [0.25, -0.5, -1.0, 0.75, 0.5, 0.5, 2.0, 0.0];
const UNIFORM: [f32; 8] = [0.5, 0.25, 0.125, 0.875, 0.9375, 0.0, 0.375, 0.625];
const GRAD_WEIGHTS: [f32; 4] = [1.0, -2.0, 0.5, 3.0];

fn router() -> GumbelMatrix {
    GumbelMatrix::default()
}

fn sample<const N: usize>(row: &[f32], draw: Draw<'_>) -> [f32; N] {
    let mut weights = [9.0; N];
    router().sample(0, row, draw, &mut weights);
    weights
}

/// The gradient of the logits, checked to be opposite in each pair; that of
/// the first of each pair.
fn backward<const N: usize>(row: &[f32], draw: Draw<'_>, grad: [f32; N]) -> [f32; N] {
    let mut grad_row = vec![0.0; 2 * N];
    router().sample_backward(row, draw, &grad, &mut grad_row);
    std::array::from_fn(|j| {
        assert_eq!(grad_row[2 * j + 1], -grad_row[2 * j]);
        grad_row[2 * j]
    })
}

fn assert_close(values: &[f32], expected: &[f64]) {
    assert_eq!(values.len(), expected.len());
    for (v, e) in values.iter().zip(expected) {
        let difference = (f64::from(*v) - e).abs();
        assert!(
            difference <= 1e-6 * e.abs(),
            "{values:?} is not {expected:?}"
        );
    }
}

#[test]
fn training_weights_and_their_gradient() {
    let expected = [
        (
            50.0,
            [
                -0.0008331598012791494,
                -0.0058215602171405555,
                -0.001659492607267109,
                0.002499600402396361,
            ],
        ),
        (
            2.0,
            [
                -0.018340592350894875,
                -0.050408451625543846,
                -0.005797129257745805,
                0.05664915983314064,
            ],
        ),
        (
            0.5,
            [
                -0.016681230363808038,
                -0.0002904766805513765,
                -1.3093437679172555e-06,
                0.06841460903434285,
            ],
        ),
    ];
    for (temperature, gradient) in expected {
        let draw = Draw {
            uniform: &UNIFORM,
            temperature,
        };
        let third = 1.0 / 3.0;
        assert_eq!(sample(&LOGITS, draw), [third, 0.0, third, third]);
        assert_close(&backward(&LOGITS, draw, GRAD_WEIGHTS), &gradient);
    }
}

#[test]
fn one_or_no_active_component_sends_no_gradient_through_the_sum() {
    let draw = Draw {
        uniform: &[0.25, 0.75, 0.5, 0.5],
        temperature: 2.0,
    };
    let one = [0.0, 0.0, 0.0, -1.0];
    assert_eq!(sample(&one, draw), [0.0, 1.0]);
    let gradient = [0.10751004350330542, -0.2350037122015945];
    assert_close(&backward(&one, draw, [1.0, -2.0]), &gradient);

    let none = [-9.0, 0.0, -9.0, 0.0];
    assert_eq!(sample(&none, draw), [0.0, 0.0]);
    let gradient = [0.0025048919392915755, -0.010866229722225234];
    assert_close(&backward(&none, draw, [1.0, -2.0]), &gradient);
}

/// The weights as a smooth function of the logits: the straight-through value
/// is `hard + soft - (the value of soft)`.
fn relaxed(logits: &[f64], hard: &[f64], soft: &[f64], temperature: f64) -> Vec<f64> {
    let soft_now = soft_values(logits, temperature);
    let y = || (0..hard.len()).map(|j| hard[j] + soft_now[j] - soft[j]);
    let mean = y().sum::<f64>().max(1.0);
    y().map(|y| y / mean).collect()
}

fn soft_values(logits: &[f64], temperature: f64) -> Vec<f64> {
    let noisy = |i: usize| logits[i] + gumbel_noise(UNIFORM[i]);
    let pairs = (0..logits.len() / 2).map(|j| (noisy(2 * j + 1) - noisy(2 * j)) / temperature);
    pairs.map(|d| 1.0 / (1.0 + d.exp())).collect()
}

#[test]
fn the_gradient_agrees_with_finite_differences() {
    let (temperature, h) = (1.5, 1e-6);
    let draw = Draw {
        uniform: &UNIFORM,
        temperature,
    };
    let logits = LOGITS.map(f64::from);
    let hard = [1.0, 0.0, 1.0, 1.0];
    let soft = soft_values(&logits, f64::from(temperature));
    let loss = |logits: &[f64]| {
        let w = relaxed(logits, &hard, &soft, f64::from(temperature));
        w.iter()
            .zip(GRAD_WEIGHTS)
            .map(|(w, g)| w * f64::from(g))
            .sum::<f64>()
    };
    let mut gradient = [0.0; 8];
    router().sample_backward(&LOGITS, draw, &GRAD_WEIGHTS, &mut gradient);
    for i in 0..8 {
        let (mut up, mut down) = (logits, logits);
        up[i] += h;
        down[i] -= h;
        let slope = (loss(&up) - loss(&down)) / (2.0 * h);
        assert!(
            (slope - f64::from(gradient[i])).abs() < 1e-8,
            "{i}: {slope}"
        );
    }
}

#[test]
fn evaluation_takes_the_larger_logit_and_ties_are_on() {
    let mut weights = [9.0; 4];
    router().evaluate(0, &LOGITS, &mut weights);
    let third = 1.0 / 3.0;
    assert_eq!(weights, [third, 0.0, third, third]);

    let mut untouched = [0.0; 8];
    router().initial_row(0, &mut untouched);
    router().evaluate(0, &untouched, &mut weights);
    assert_eq!(weights, [0.25; 4]);

    router().evaluate(0, &[-1.0, 0.0, -1.0, 0.0], &mut weights[..2]);
    assert_eq!(weights[..2], [0.0, 0.0]);
}

#[test]
fn extreme_draws_stay_finite() {
    let below_one = 1.0 - f32::EPSILON / 2.0;
    let draw = Draw {
        uniform: &[0.0, below_one, below_one, 0.0],
        temperature: 0.5,
    };
    assert_eq!(sample(&[0.0; 4], draw), [0.0, 1.0]);
    let gradient = backward(&[0.0; 4], draw, [1.0, 1.0]);
    assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
}

#[test]
fn probabilities_and_their_gradient() {
    let mut p = [9.0; 4];
    router().probabilities(0, &LOGITS, &mut p);
    assert_close(
        &p,
        &[
            0.679178699175393,
            0.1480471980316895,
            0.5,
            0.8807970779778823,
        ],
    );

    // Adds to what is there: p (1 - p) of each.
    let mut gradient = [1.0; 8];
    router().probabilities_backward(&LOGITS, &GRAD_WEIGHTS, &mut gradient);
    let expected = [
        0.21789499376181404,
        -0.2522584503733104,
        0.125,
        0.31498075621051985,
    ];
    for (pair, e) in gradient.chunks(2).zip(expected) {
        assert_close(pair, &[1.0 + e, 1.0 - e]);
    }
}

#[test]
fn logits_start_at_the_logarithms_of_the_probabilities() {
    let same = GumbelMatrix {
        probs_init: ProbsInit::Same(0.97),
    };
    let mut row = [0.0; 4];
    same.initial_row(1, &mut row);
    let pair = [-0.030459207484708574, -3.506557897319981];
    assert_close(&row, &[pair, pair].concat());

    let each = ProbsInit::Each(vec![vec![0.5, 0.5], vec![0.25, 0.5]]);
    GumbelMatrix { probs_init: each }.initial_row(1, &mut row);
    let half = -std::f64::consts::LN_2;
    assert_close(
        &row,
        &[-1.3862943611198906, -0.2876820724517809, half, half],
    );
}

#[test]
fn initial_probabilities_are_checked() {
    let sentence = |probs_init| {
        let checked = GumbelMatrix { probs_init }.check(2, 3);
        checked.unwrap_err().to_string()
    };
    for p in [0.0, 1.0, -0.1, 1.5, f64::NAN] {
        assert!(sentence(ProbsInit::Same(p)).contains("above 0 and below 1"));
    }
    let row = || vec![0.5; 3];
    assert!(sentence(ProbsInit::Each(vec![row()])).contains("1 rows for 2 tasks"));
    let short = ProbsInit::Each(vec![row(), vec![0.5]]);
    assert!(sentence(short).contains("row 1 of probs_init has 1 entries for 3 components"));
    let wrong = ProbsInit::Each(vec![row(), vec![0.5, 0.5, 1.0]]);
    assert!(sentence(wrong).contains("probs_init[1][2] = 1 must be"));
    let right = ProbsInit::Each(vec![row(), row()]);
    assert!(GumbelMatrix { probs_init: right }.check(2, 3).is_ok());
}
