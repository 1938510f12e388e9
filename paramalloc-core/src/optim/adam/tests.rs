use super::super::update::Update;
use super::*;

const RATE: f64 = 5e-3;

fn adam() -> Adam {
    Adam::new(AdamSettings::default()).unwrap()
}

fn step(number: u64) -> UpdateStep {
    UpdateStep {
        number,
        learning_rate: RATE,
        decays: true,
    }
}

/// Numbers of all sizes, some negative, some 0.
fn numbers(len: usize, salt: u32) -> Vec<f32> {
    let number = |i: u32| {
        let bits = (i + salt).wrapping_mul(2_654_435_761);
        let size = 10.0_f32.powi((bits >> 8) as i32 % 6 - 5);
        (bits % 7) as f32 * size * if bits & 64 == 0 { 1.0 } else { -1.0 }
    };
    (0..len as u32).map(number).collect()
}

/// An update of the parameters that begins with its number.
fn update(adam: &mut Adam, number: u64, l2: f32, scale: f32) -> Update<'_> {
    adam.begin(number);
    Update {
        optimizer: adam,
        number,
        learning_rate: RATE,
        l2,
        scale,
        extra: None,
    }
}

/// ```python
/// for k, g in enumerate(G, 1):          # None is a gradient of zeros
///     g = g + l2 * theta
///     m = b1 * m + (1 - b1) * g
///     v = b2 * v + (1 - b2) * g * g
///     theta = theta - lr * np.sqrt(1 - b2**k) / (1 - b1**k) * m / (np.sqrt(v) + eps)
/// ```
#[test]
fn four_steps_agree_with_float64() {
    let gradients: [Option<[f32; 4]>; 4] = [
        Some([0.1, -0.2, 0.0, 3.0]),
        Some([0.05, 0.4, 0.0, -1.0]),
        None,
        Some([-0.3, 0.0, 0.001, 0.5]),
    ];
    let plain = [
        [
            0.4950000158113383,
            -0.9950000079056817,
            0.25,
            1.9950000005270463,
        ],
        [
            0.4903391308055312,
            -0.9968305242463609,
            0.25,
            1.9929989078674735,
        ],
        [
            0.48673625319244546,
            -0.9982455186826124,
            0.25,
            1.9914520574419108,
        ],
        [
            0.48843006612915957,
            -0.9994045960246488,
            0.24709527674318663,
            1.9897461360427395,
        ],
    ];
    let decayed = [
        [
            0.4950000150584197,
            -0.9950000075292211,
            0.24500063237554215,
            1.9950000005235557,
        ],
        [
            0.4903061034255814,
            -0.9966888249802554,
            0.24000397132828885,
            1.9929624566391775,
        ],
        [
            0.486548651323735,
            -0.997922065342224,
            0.23501211924154242,
            1.9913673926398392,
        ],
        [
            0.48809886469103064,
            -0.9988665090655489,
            0.23000241274104294,
            1.989607832934204,
        ],
    ];
    for (l2, expected) in [(0.0, plain), (0.01, decayed)] {
        let mut adam = adam();
        let (mut m, mut v) = ([0.0; 4], [0.0; 4]);
        let mut theta = [0.5, -1.0, 0.25, 2.0];
        for (number, (gradient, expected)) in gradients.iter().zip(expected).enumerate() {
            let update = update(&mut adam, number as u64 + 1, l2, 1.0);
            let gradient = gradient.as_ref().map(|g| g.as_slice());
            update.apply(0, &mut [&mut m, &mut v], &mut theta, gradient, true);
            for (t, e) in theta.iter().zip(expected) {
                assert!((f64::from(*t) - e).abs() < 3e-7, "{theta:?} {expected:?}");
            }
        }
    }
}

/// ```python
/// theta = np.array([.5, -1.]); m = v = np.zeros(2)
/// for k, g in enumerate([np.array([.1, -.2]), np.array([.05, .4])], 1):
///     theta = theta * (1 - lr * 0.5)
///     m = .9 * m + .1 * g; v = .999 * v + .001 * g * g
///     theta = theta - lr * np.sqrt(1 - .999**k) / (1 - .9**k) * m / (np.sqrt(v) + 1e-8)
/// ```
#[test]
fn weight_decay_is_apart_from_the_moments() {
    let settings = AdamWSettings::default().weight_decay(0.5);
    let mut adam = Adam::with_weight_decay(settings).unwrap();
    let (mut m, mut v, mut theta) = ([0.0; 2], [0.0; 2], [0.5, -1.0]);
    let (mut fixed, mut plain) = ([0.5, -1.0], [0.5, -1.0]);
    let (mut fixed_state, mut plain_state) = ([[0.0; 2]; 2], [[0.0; 2]; 2]);
    let mut without = self::adam();
    for (number, gradient) in [[0.1, -0.2], [0.05, 0.4]].iter().enumerate() {
        let number = number as u64 + 1;
        adam.begin(number);
        without.begin(number);
        adam.update(
            step(number),
            &mut [&mut m, &mut v],
            &mut theta,
            Some(gradient),
        );
        // A bias decays in neither.
        let bias = UpdateStep {
            decays: false,
            ..step(number)
        };
        let [m, v] = &mut fixed_state;
        adam.update(bias, &mut [m, v], &mut fixed, Some(gradient));
        let [m, v] = &mut plain_state;
        without.update(bias, &mut [m, v], &mut plain, Some(gradient));
    }
    for (t, e) in theta.iter().zip(DECAYED) {
        assert!((f64::from(*t) - e).abs() < 3e-7, "{theta:?}");
    }
    assert_eq!(fixed, plain);
}

const DECAYED: [f64; 2] = [0.4878547557660029, -0.9918492742265967];

/// The formula of the type, one parameter at a time.
fn plain_formula(u: &Constants, p: f32, m: f32, v: f32, g: f32) -> [f32; 3] {
    let m = u.beta1 * m + u.new1 * g;
    let v = u.beta2 * v + u.new2 * (g * g);
    [p - u.learning_rate * m / (v.sqrt() + u.epsilon), m, v]
}

#[test]
fn cuts_and_absent_gradients_do_not_change_a_bit() {
    let len = 1003;
    let gradients = [None, Some(numbers(len, 4))];
    for (gradient, l2) in gradients.iter().zip([0.0, 3e-4]) {
        for scale in [1.0, 0.75] {
            let mut adam = adam();
            let update = update(&mut adam, 17, l2, scale);
            let [p, m] = [numbers(len, 1), numbers(len, 2)];
            let v: Vec<f32> = numbers(len, 3).iter().map(|v| v.abs()).collect();
            let mut whole = (p.clone(), m.clone(), v.clone());
            let gradient = gradient.as_deref();
            let state = &mut [&mut whole.1[..], &mut whole.2];
            update.apply(0, state, &mut whole.0, gradient, true);
            let mut cut = (p.clone(), m.clone(), v.clone());
            let cuts = [0, 1, 17, 20, 500, 999, len];
            for part in cuts.windows(2).map(|c| c[0]..c[1]) {
                let gradient = gradient.map(|g| &g[part.clone()]);
                let state = &mut [&mut cut.1[part.clone()], &mut cut.2[part.clone()]];
                update.apply(part.start, state, &mut cut.0[part], gradient, true);
            }
            assert_eq!(whole, cut);

            let mut adam = adam.clone();
            adam.begin(17);
            let constants = adam.constants(step(17));
            for i in 0..len {
                let g = scale * (gradient.map_or(0.0, |g| g[i]) + l2 * p[i]);
                let expected = plain_formula(&constants, p[i], m[i], v[i], g);
                assert_eq!([whole.0[i], whole.1[i], whole.2[i]], expected, "{i}");
            }
        }
    }
}

#[test]
fn an_extra_gradient_is_added_at_its_place() {
    let len = 1003;
    let (extra, gradient) = (numbers(len, 5), numbers(len, 6));
    let sum: Vec<f32> = gradient.iter().zip(&extra).map(|(g, e)| g + e).collect();
    let run = |gradient: &[f32], extra: Option<&[f32]>| {
        let mut adam = adam();
        let update = Update {
            extra,
            ..update(&mut adam, 3, 0.0, 1.0)
        };
        let (mut m, mut v, mut p) = (vec![0.0; len], vec![0.0; len], numbers(len, 7));
        for part in [0..600, 600..len] {
            let state = &mut [&mut m[part.clone()], &mut v[part.clone()]];
            let gradient = Some(&gradient[part.clone()]);
            update.apply(part.start, state, &mut p[part], gradient, true);
        }
        (p, m, v)
    };
    assert_eq!(run(&gradient, Some(&extra)), run(&sum, None));
}

#[test]
fn moments_without_gradient_reach_0() {
    let mut adam = adam();
    let (mut m, mut v) = ([0.0], [0.0]);
    let mut theta = [0.5];
    let mut before = theta;
    for number in 1..=1000 {
        adam.begin(number);
        before = theta;
        let gradient = (number == 1).then_some(&[0.1][..]);
        adam.update(step(number), &mut [&mut m, &mut v], &mut theta, gradient);
        assert!(!m[0].is_subnormal() && !v[0].is_subnormal());
        // The moments keep it moving for a while.
        assert!(number > 21 || theta != before, "{number}");
    }
    assert_eq!((m[0], theta), (0.0, before));
}

#[test]
fn the_first_rate_is_corrected() {
    // lr_1 = lr * sqrt(0.001) / 0.1.
    let mut adam = adam();
    adam.begin(1);
    let rate = adam.constants(step(1)).learning_rate;
    assert!((rate - 1.5811388e-3).abs() < 1e-9);
}

#[test]
fn settings_are_checked_by_name() {
    let new = |settings| Adam::new(settings).map(drop);
    let decay = |decay| {
        let settings = AdamWSettings::default().weight_decay(decay);
        Adam::with_weight_decay(settings).map(drop)
    };
    let plain = AdamSettings::default();
    let cases = [
        (new(plain.epsilon(0.0)), "epsilon = 0"),
        (new(plain.betas([0.9, 1.0])), "betas = [0.9, 1.0]"),
        (new(plain.betas([-0.1, 0.999])), "betas = [-0.1, 0.999]"),
        (decay(-1.0), "weight_decay = -1"),
        (decay(f64::NAN), "weight_decay = NaN"),
    ];
    for (result, expected) in cases {
        let sentence = result.unwrap_err().to_string();
        assert!(sentence.starts_with(expected), "{sentence}");
    }
}
