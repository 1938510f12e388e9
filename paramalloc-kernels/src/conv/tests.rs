//! Direct convolutions and their gradients against loops over doubles, at the
//! edges of register tiles.

use crate::geometry::{Geometry, border_gradient, pad_input};
use crate::made::{floats, lanes};
use crate::shape::{Dims, Padding, window};
use crate::simd::{LANES, Lane, Level};
use crate::work::Work;
use crate::{conv, conv_backward};

/// A layer with its values.
struct Case {
    g: Geometry,
    x: Vec<Lane>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    gradient: Vec<Lane>,
}

fn case(
    channels: (usize, usize),
    size: (usize, usize),
    kernel: (usize, usize),
    stride: usize,
) -> Case {
    let axis = |size, kernel| window(size, kernel, stride, Padding::Same).unwrap();
    let axes = (axis(size.0, kernel.0), axis(size.1, kernel.1));
    let input = Dims::image(channels.0, size.0, size.1);
    let out = Dims::image(channels.1, axes.0.output, axes.1.output);
    let g = Geometry::new(input, out, kernel, stride, axes);
    Case {
        x: lanes(1, g.input_len()),
        weight: floats(2, g.weights()),
        bias: floats(3, g.output),
        gradient: lanes(4, g.output_len()),
        g,
    }
}

/// Columns out of one to more than a strip, odd and even; channels below, at
/// and above a tile; every stride.
fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for columns in [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 23, 25, 49, 50] {
        for stride in [1, 2, 3] {
            let channels = (1 + columns % 6, 1 + (columns + 4 * stride) % 14);
            let size = (3, columns * stride);
            all.push(case(channels, size, (3, 3), stride));
        }
    }
    for channels in 1..=17 {
        all.push(case((channels, 18 - channels), (5, 9), (2, 5), 2));
        all.push(case((18 - channels, channels), (4, 8), (1, 7), 1));
        all.push(case((3, channels), (7, 6), (7, 1), 2));
    }
    all
}

/// Does some work in so many threads.
fn share(work: &dyn Work, threads: usize) {
    let one = || work.work(&mut vec![Lane([f32::NAN; LANES]); work.scratch_len()]);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(one))));
}

/// What [`results`] gives, of work that several threads share.
fn shared_results(level: Level, case: &Case, threads: usize) -> [Vec<f32>; 4] {
    let g = &case.g;
    let memory = |len: usize| vec![Lane([f32::NAN; LANES]); len];
    let flat = |lanes: Vec<Lane>| lanes.into_iter().flat_map(|l| l.0).collect();
    let (mut x, mut gradient) = (memory(g.padded_len()), memory(g.bordered_gradient_len()));
    pad_input(g, &case.x, &mut x);
    border_gradient(g, &case.gradient, &mut gradient);
    let mut y = memory(g.output_len());
    let of = (&x[..], &case.weight[..], &case.bias[..]);
    share(
        &conv::Forward::new(level, g, of, true, &mut y, threads),
        threads,
    );
    let (weight, mut below) = (&case.weight, case.x.clone());
    let work = conv_backward::InputGradient::new(level, g, &gradient, weight, &mut below, threads);
    share(&work, threads);
    let (mut weight, mut bias) = (case.weight.clone(), case.bias.clone());
    let sums = (&mut weight[..], &mut bias[..]);
    let work = conv_backward::WeightGradient::new(level, g, &x, &case.gradient, sums);
    share(&work, threads);
    [flat(y), flat(below), weight, bias]
}

#[test]
fn threads_change_no_bit() {
    let bits =
        |all: [Vec<f32>; 4]| all.map(|v| v.into_iter().map(f32::to_bits).collect::<Vec<_>>());
    for case in cases() {
        let level = Level::detect();
        let expected = bits(results(level, &case));
        for threads in [2, 16] {
            let given = bits(shared_results(level, &case, threads));
            assert!(given == expected, "{threads} threads, {:?}", case.g);
        }
    }
}

/// Outputs, input gradient added to the input, and the gradients of weights
/// and biases added to these.
fn results(level: Level, case: &Case) -> [Vec<f32>; 4] {
    let g = &case.g;
    let memory = |len: usize| vec![Lane([f32::NAN; LANES]); len];
    let flat = |lanes: Vec<Lane>| lanes.into_iter().flat_map(|l| l.0).collect();
    let (mut x, mut gradient) = (memory(g.padded_len()), memory(g.bordered_gradient_len()));
    pad_input(g, &case.x, &mut x);
    border_gradient(g, &case.gradient, &mut gradient);
    let mut y = memory(g.output_len());
    conv::forward(level, g, &x, &case.weight, &case.bias, true, &mut y);
    let mut below = case.x.clone();
    conv_backward::input_gradient(level, g, &gradient, &case.weight, &mut below);
    let (mut weight, mut bias) = (case.weight.clone(), case.bias.clone());
    let scratch = &mut memory(g.scratch_len());
    let gradient = &case.gradient;
    conv_backward::weight_gradient(level, g, &x, gradient, &mut weight, &mut bias, scratch);
    [flat(y), flat(below), weight, bias]
}

/// The same as doubles.
fn expected(case: &Case) -> [Vec<f64>; 4] {
    let g = &case.g;
    let doubles = |values: &[f32]| values.iter().copied().map(f64::from).collect::<Vec<f64>>();
    let flat = |lanes: &[Lane]| doubles(&lanes.iter().flat_map(|l| l.0).collect::<Vec<f32>>());
    let (x, gradient) = (flat(&case.x), flat(&case.gradient));
    let plane = g.out.0 * g.out.1 * LANES;
    let mut y: Vec<f64> = (0..gradient.len())
        .map(|i| f64::from(case.bias[i / plane]))
        .collect();
    let mut below = x.clone();
    let (mut weight, mut bias) = (doubles(&case.weight), doubles(&case.bias));
    for (bias, gradient) in bias.iter_mut().zip(gradient.chunks_exact(plane)) {
        *bias += gradient.iter().sum::<f64>();
    }
    let window = g.kernel.0 * g.kernel.1;
    for w in 0..case.weight.len() {
        let (output, input) = (w / window / g.input, w / window % g.input);
        let tap = (w % window / g.kernel.1, w % g.kernel.1);
        for cell in 0..g.out.0 * g.out.1 {
            let row = (cell / g.out.1 * g.stride + tap.0).wrapping_sub(g.before.0);
            let column = (cell % g.out.1 * g.stride + tap.1).wrapping_sub(g.before.1);
            if row >= g.size.0 || column >= g.size.1 {
                continue;
            }
            for lane in 0..LANES {
                let i = ((input * g.size.0 + row) * g.size.1 + column) * LANES + lane;
                let o = output * plane + cell * LANES + lane;
                let value = f64::from(case.weight[w]);
                y[o] += x[i] * value;
                below[i] += gradient[o] * value;
                weight[w] += gradient[o] * x[i];
            }
        }
    }
    y.iter_mut().for_each(|y| *y = y.max(0.0));
    [y, below, weight, bias]
}

#[test]
fn all_levels_are_close_to_doubles() {
    for case in cases() {
        let expected = expected(&case);
        for &level in Level::available() {
            for (given, expected) in results(level, &case).iter().zip(&expected) {
                let largest = expected.iter().map(|e| e.abs()).fold(1.0, f64::max);
                assert_eq!(given.len(), expected.len());
                for (i, (given, expected)) in given.iter().zip(expected).enumerate() {
                    let error = (f64::from(*given) - expected).abs();
                    assert!(
                        error <= 1e-5 * largest,
                        "{level:?}, {:?}, {i}: {error:e}",
                        case.g
                    );
                }
            }
        }
    }
}

#[test]
fn instruction_sets_with_fused_multiply_add_give_the_same_bits() {
    for case in cases() {
        let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect::<Vec<u32>>();
        let all: Vec<_> = (Level::available().iter().skip(1))
            .map(|&level| results(level, &case).map(bits))
            .collect();
        let same = all.windows(2).all(|pair| pair[0] == pair[1]);
        assert!(same, "{:?}", case.g);
    }
}
