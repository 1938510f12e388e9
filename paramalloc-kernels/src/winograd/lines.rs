//! The transforms of one line of a tile, and of a whole tile by its rows and
//! then its columns. A line of `T` points is the values of polynomials at 0,
//! at 1 and -1, 2 and -2, 1/2 and -1/2 (the last pair for 8 points only), and
//! the coefficient of the highest power.

use super::super::simd::Pair;

/// Powers of the points 1, 2 and 1/2, each of which stands for itself and its
/// negative.
const POWERS: [[f32; 6]; 3] = [
    [1.0; 6],
    [1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
    [1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125],
];

/// Factors of transformed weights at the points of a line.
pub const fn factors<const T: usize>() -> [f32; T] {
    let pairs = match T {
        8 => [1.0, -2.0 / 9.0, 1.0 / 90.0, 32.0 / 45.0],
        _ => [0.25, -1.0 / 6.0, 1.0 / 24.0, 0.0],
    };
    let mut all = [1.0; T];
    let mut i = 0;
    while i + 1 < T {
        all[i] = pairs[i.div_ceil(2)];
        i += 1;
    }
    all
}

/// `N` weights, or gradients of outputs, to `T` points.
///
/// # Safety
/// As [`Pair`].
#[inline(always)]
pub unsafe fn expand<S: Pair, const N: usize, const T: usize>(y: [S::P; N]) -> [S::P; T] {
    unsafe {
        let mut out = [y[0]; T];
        for q in 0..T / 2 - 1 {
            let (mut even, mut odd) = (y[0], S::splat_pair(0.0));
            for i in 1..N {
                let to = if i % 2 == 0 { &mut even } else { &mut odd };
                *to = match (q, i) {
                    (0, 1) => y[i],
                    (0, _) => S::add_pair(*to, y[i]),
                    (_, 1) => S::mul_pair(S::splat_pair(POWERS[q][i]), y[i]),
                    _ => S::fma_pair(S::splat_pair(POWERS[q][i]), y[i], *to),
                };
            }
            out[1 + 2 * q] = S::add_pair(even, odd);
            out[2 + 2 * q] = S::sub_pair(even, odd);
        }
        out[T - 1] = y[N - 1];
        out
    }
}

/// `T` points to `N` outputs, or gradients of weights: [`expand`] the other
/// way, as a matrix its transpose.
///
/// # Safety
/// As [`Pair`].
#[inline(always)]
pub unsafe fn contract<S: Pair, const T: usize, const N: usize>(v: [S::P; T]) -> [S::P; N] {
    unsafe {
        let mut out = [v[0]; N];
        for q in 0..T / 2 - 1 {
            let sum = S::add_pair(v[1 + 2 * q], v[2 + 2 * q]);
            let difference = S::sub_pair(v[1 + 2 * q], v[2 + 2 * q]);
            for i in 0..N {
                let part = if i % 2 == 0 { sum } else { difference };
                out[i] = match (q, i) {
                    (_, 0) => S::add_pair(out[0], part),
                    (0, _) => part,
                    _ => S::fma_pair(S::splat_pair(POWERS[q][i]), part, out[i]),
                };
            }
        }
        out[N - 1] = S::add_pair(out[N - 1], v[T - 1]);
        out
    }
}

/// `T` inputs to `T` points.
///
/// # Safety
/// As [`Pair`].
#[inline(always)]
pub unsafe fn points<S: Pair, const T: usize, const U: usize>(d: [S::P; T]) -> [S::P; U] {
    const { assert!(T == U) };
    unsafe {
        let c = |x: f32| S::splat_pair(x);
        let mut t = [d[0]; U];
        // A pair of points: the even part plus and minus the odd part.
        macro_rules! pair {
            ($i:literal, $even:expr, $odd:expr) => {{
                let (even, odd) = ($even, $odd);
                t[$i] = S::add_pair(even, odd);
                t[$i + 1] = S::sub_pair(even, odd);
            }};
        }
        macro_rules! fma {
            ($a:literal, $b:expr, $c:expr) => {
                S::fma_pair(c($a), $b, $c)
            };
        }
        if T == 8 {
            t[0] = fma!(5.25, S::sub_pair(d[4], d[2]), S::sub_pair(d[0], d[6]));
            t[T - 1] = fma!(5.25, S::sub_pair(d[3], d[5]), S::sub_pair(d[T - 1], d[1]));
            pair!(
                1,
                fma!(-4.25, d[4], S::add_pair(d[2], d[6])),
                fma!(-4.25, d[3], S::add_pair(d[1], d[5]))
            );
            pair!(
                3,
                fma!(-1.25, d[4], fma!(0.25, d[2], d[6])),
                fma!(2.0, d[5], fma!(-2.5, d[3], S::mul_pair(c(0.5), d[1])))
            );
            pair!(
                5,
                fma!(-5.0, d[4], fma!(4.0, d[2], d[6])),
                fma!(0.5, d[5], fma!(-2.5, d[3], S::mul_pair(c(2.0), d[1])))
            );
        } else {
            t[0] = fma!(4.0, d[0], fma!(-5.0, d[2], d[4]));
            t[T - 1] = fma!(4.0, d[1], fma!(-5.0, d[3], d[T - 1]));
            pair!(1, fma!(-4.0, d[2], d[4]), fma!(-4.0, d[1], d[3]));
            pair!(
                3,
                S::sub_pair(d[4], d[2]),
                S::mul_pair(c(2.0), S::sub_pair(d[3], d[1]))
            );
        }
        t
    }
}

/// `$IN x $IN` values, each given by `$load` for its row and column, to `$OUT
/// x $OUT`, each taken by `$store`: rows first. `$sides` is the two numbers
/// again, but not known to the compiler, which would write out all lines.
macro_rules! both_ways {
    (
        $S:ident, $IN:ident to $OUT:ident, $sides:expr, $line:ident,
        |$i:ident, $j:ident| $load:expr, |$k:ident, $l:ident, $v:ident| $store:expr
    ) => {{
        let (ins, outs): (usize, usize) = $sides;
        let mut middle = [[$S::splat_pair(0.0); $OUT]; $IN];
        for ($i, middle) in middle.iter_mut().enumerate().take(ins) {
            let mut line = [$S::splat_pair(0.0); $IN];
            for $j in 0..$IN {
                line[$j] = $load;
            }
            *middle = $line::<$S, $IN, $OUT>(line);
        }
        for $l in 0..outs.min($OUT) {
            let mut line = [$S::splat_pair(0.0); $IN];
            for i in 0..$IN {
                line[i] = middle[i][$l];
            }
            let line: [$S::P; $OUT] = $line::<$S, $IN, $OUT>(line);
            for $k in 0..$OUT {
                let $v = line[$k];
                $store;
            }
        }
    }};
}
pub(super) use both_ways;
