use super::*;

/// Every 6421st number, of both signs: 669 thousand, subnormal numbers,
/// infinities and NaNs among them.
fn numbers() -> impl Iterator<Item = f32> {
    (0..=u32::MAX).step_by(6421).map(f32::from_bits)
}

/// One unit in the last place of a normal result, as a double.
fn ulp(y: f64) -> f64 {
    let exponent = (y.abs() as f32).max(f32::MIN_POSITIVE).to_bits() >> 23;
    f64::from(f32::from_bits(exponent << 23)) * f64::from(f32::EPSILON)
}

/// The largest error over [`numbers`] is at most `most` ulp.
#[track_caller]
fn compare(got: fn(f32) -> f32, wanted: fn(f64) -> f64, most: f64) {
    let (mut worst, mut at) = (0.0, 0.0);
    for x in numbers() {
        let (y, exact) = (got(x), wanted(f64::from(x)));
        if exact.is_nan() {
            assert!(y.is_nan(), "f({x:e}) = {y:e} is not NaN");
            continue;
        }
        let rounded = exact as f32;
        if rounded.is_infinite() || y.is_infinite() {
            // Where rounding decides between the largest number and infinity.
            let close = (f64::from(f32::MAX) / exact - 1.0).abs() < 1e-6;
            assert!(y == rounded || close, "f({x:e}) = {y:e}, not {rounded:e}");
            continue;
        }
        let error = (f64::from(y) - exact).abs() / ulp(exact);
        if error > worst || error.is_nan() {
            (worst, at) = (error, x);
        }
    }
    println!("largest error: {worst:.3} ulp at {at:e}");
    assert!(worst <= most, "{worst:.3} ulp at {at:e}");
}

#[test]
fn exp_is_close() {
    compare(exp, f64::exp, 1.5);
}

#[test]
fn ln_is_close() {
    compare(ln, f64::ln, 2.0);
}

#[test]
fn sigmoid_is_close() {
    compare(sigmoid, |x| 1.0 / (1.0 + (-x).exp()), 3.0);
}

#[test]
fn tanh_is_close() {
    compare(tanh, f64::tanh, 3.0);
}

#[test]
fn softplus_is_close() {
    compare(softplus, |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), 3.0);
}

/// The error function in double precision: its series up to 2, above that
/// the continued fraction of its complement.
pub(crate) fn erf_of_double(x: f64) -> f64 {
    let size = x.abs();
    let y = if size < 2.0 {
        let (mut term, mut sum) = (size, size);
        for n in 1..60 {
            let n = f64::from(n);
            term *= -size * size / n;
            sum += term / (2.0 * n + 1.0);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    } else if size.is_nan() {
        return x;
    } else {
        let mut fraction = size;
        for k in (1..=200).rev() {
            fraction = size + f64::from(k) / 2.0 / fraction;
        }
        let scale = std::f64::consts::FRAC_2_SQRT_PI / 2.0;
        1.0 - (-size * size).exp() * scale / fraction
    };
    y.copysign(x)
}

#[test]
fn erf_is_close() {
    // Values of tables: erf(0.5), erf(1), erf(2), erf(3).
    for (x, y) in [
        (0.5, 0.520_499_877_813_046_5),
        (1.0, 0.842_700_792_949_714_9),
        (2.0, 0.995_322_265_018_952_7),
        (3.0, 0.999_977_909_503_001_4),
    ] {
        assert!((erf_of_double(x) - y).abs() < 1e-15, "{x}");
    }
    compare(erf, erf_of_double, 4.0);
}

#[test]
fn zeros_keep_their_sign() {
    for function in [tanh, erf] {
        for zero in [0.0_f32, -0.0] {
            assert_eq!(function(zero).to_bits(), zero.to_bits());
        }
    }
    assert_eq!((exp(0.0), sigmoid(0.0), ln(1.0)), (1.0, 0.5, 0.0));
}

/// These bits are the same on every system: they were computed on x86-64.
#[test]
fn the_bits_do_not_change() {
    let hash = |function: fn(f32) -> f32| {
        let values = numbers().map(function).filter(|y| !y.is_nan());
        let hash = values.fold(0xcbf2_9ce4_8422_2325_u64, |hash, y| {
            (hash ^ u64::from(y.to_bits())).wrapping_mul(0x0000_0100_0000_01b3)
        });
        hash >> 32
    };
    assert_eq!([exp, ln, tanh, sigmoid, erf, softplus].map(hash), BITS);
}

const BITS: [u64; 6] = [
    1_097_707_102,
    974_021_167,
    798_661_712,
    3_653_949_524,
    4_009_000_939,
    4_044_431_587,
];
