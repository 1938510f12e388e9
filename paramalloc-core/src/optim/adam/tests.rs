use super::*;

fn settings() -> AdamSettings {
    AdamSettings {
        learning_rate: 5e-3,
        ..AdamSettings::default()
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
        let mut adam = Adam::new(settings()).unwrap();
        let Moments { mut m, mut v } = Moments::zeros(4);
        let mut theta = [0.5, -1.0, 0.25, 2.0];
        for (gradient, expected) in gradients.iter().zip(expected) {
            let update = adam.next_step(None).model;
            let gradient = gradient.as_ref().map(|g| g.as_slice());
            update.apply(&mut theta, &mut m, &mut v, gradient, l2);
            for (t, e) in theta.iter().zip(expected) {
                assert!((f64::from(*t) - e).abs() < 3e-7, "{theta:?} {expected:?}");
            }
        }
        assert_eq!(adam.step, 4);
    }
}

/// The formula of the module, one parameter at a time.
fn plain_formula(u: &Update, p: f32, m: f32, v: f32, g: f32, l2: f32) -> [f32; 3] {
    let g = u.scale * (g + l2 * p);
    let m = u.beta1 * m + u.new1 * g;
    let v = u.beta2 * v + u.new2 * (g * g);
    [p - u.learning_rate * m / (v.sqrt() + u.epsilon), m, v]
}

#[test]
fn cuts_and_absent_gradients_do_not_change_a_bit() {
    let len = 1003;
    let update = settings().update(5e-3, 17, 0.75);
    let gradients = [None, Some(numbers(len, 4))];
    for (gradient, l2) in gradients.iter().zip([0.0, 3e-4]) {
        let [p, m] = [numbers(len, 1), numbers(len, 2)];
        let v: Vec<f32> = numbers(len, 3).iter().map(|v| v.abs()).collect();
        let mut whole = (p.clone(), m.clone(), v.clone());
        let gradient = gradient.as_deref();
        update.apply(&mut whole.0, &mut whole.1, &mut whole.2, gradient, l2);
        for i in 0..len {
            let g = gradient.map_or(0.0, |g| g[i]);
            let expected = plain_formula(&update, p[i], m[i], v[i], g, l2);
            let given = [whole.0[i], whole.1[i], whole.2[i]];
            assert_eq!(given, expected, "{i}");
        }

        let mut cut = (p, m, v);
        let cuts = [0, 1, 17, 20, 500, 999, len];
        for part in cuts.windows(2).map(|c| c[0]..c[1]) {
            let gradient = gradient.map(|g| &g[part.clone()]);
            let (p, m) = (&mut cut.0[part.clone()], &mut cut.1[part.clone()]);
            update.apply(p, m, &mut cut.2[part], gradient, l2);
        }
        assert_eq!(whole, cut);
    }
}

#[test]
fn moments_without_gradient_reach_0() {
    let mut adam = Adam::new(settings()).unwrap();
    let Moments { mut m, mut v } = Moments::zeros(1);
    let mut theta = [0.5];
    let mut before = theta;
    for step in 0..1000 {
        let update = adam.next_step(None).model;
        before = theta;
        let gradient = (step == 0).then_some(&[0.1][..]);
        update.apply(&mut theta, &mut m, &mut v, gradient, 0.0);
        assert!(!m[0].is_subnormal() && !v[0].is_subnormal());
        // The moments keep it moving for a while.
        assert!(step > 20 || theta != before, "{step}");
    }
    assert_eq!((m[0], theta), (0.0, before));
}

#[test]
fn groups_have_learning_rates_of_their_own() {
    let with = |router_learning_rate| AdamSettings {
        router_learning_rate,
        ..settings()
    };
    // lr_1 = lr * sqrt(0.001) / 0.1.
    let first = |s| Adam::new(s).unwrap().next_step(None);
    let same = first(with(None));
    assert_eq!(same.router, same.model);
    assert!((same.model.learning_rate - 1.5811388e-3).abs() < 1e-9);
    let other = first(with(Some(0.5)));
    assert_eq!(other.model, same.model);
    assert!((other.router.learning_rate - 1.5811388e-1).abs() < 1e-7);
}

#[test]
fn clipping_is_by_the_norm_of_all_gradients_together() {
    let norm = 5.0;
    let scale = |clip_norm, norm| {
        let settings = AdamSettings {
            clip_norm,
            ..settings()
        };
        let updates = Adam::new(settings).unwrap().next_step(norm);
        assert_eq!(updates.model.scale, updates.router.scale);
        updates.model.scale
    };
    assert_eq!(scale(Some(1.0), Some(norm)), 0.2);
    assert_eq!(scale(Some(10.0), Some(norm)), 1.0);
    assert_eq!(scale(None, Some(norm)), 1.0);
}

#[test]
fn settings_are_checked_by_name() {
    type Spoil = fn(&mut AdamSettings);
    let cases: [(&str, Spoil); 6] = [
        ("learning_rate = 0", |s| s.learning_rate = 0.0),
        ("router_learning_rate = -1", |s| {
            s.router_learning_rate = Some(-1.0)
        }),
        ("epsilon = 0", |s| s.epsilon = 0.0),
        ("clip_norm = NaN", |s| s.clip_norm = Some(f64::NAN)),
        ("betas = [0.9, 1.0]", |s| s.betas = [0.9, 1.0]),
        ("betas = [-0.1, 0.999]", |s| s.betas[0] = -0.1),
    ];
    for (expected, spoil) in cases {
        let mut settings = settings();
        spoil(&mut settings);
        let sentence = Adam::new(settings).unwrap_err().to_string();
        assert!(sentence.contains(expected), "{sentence}");
    }
    assert!(settings().check().is_ok());
}
