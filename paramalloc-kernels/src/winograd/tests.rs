//! Against loops over doubles.

use super::super::geometry::Geometry;
use super::super::simd::{LANES, Lane, Level};
use super::*;
use crate::made::{floats, lanes};
use crate::shape::{Dims, Padding, window};
use crate::work::Work;

/// What a layer is tested with.
struct Case {
    g: Geometry,
    w: Winograd,
    x: Vec<Lane>,
    weights: Vec<f32>,
    bias: Vec<f32>,
    gradient: Vec<Lane>,
}

fn case(input: Dims, output: usize, kernel: usize, padding: Padding) -> Case {
    let axis = |size| window(size, kernel, 1, padding).unwrap();
    let axes = (axis(input.height), axis(input.width));
    let to = Dims::image(output, axes.0.output, axes.1.output);
    let g = Geometry::new(input, to, (kernel, kernel), 1, axes);
    Case {
        w: Winograd::new(&g).unwrap(),
        x: lanes(1, g.input_len()),
        weights: floats(2, g.weights()),
        bias: floats(3, output),
        gradient: lanes(4, g.output_len()),
        g,
    }
}

/// Calls `each` with the places of input, weight and output that belong
/// together.
fn places(g: &Geometry, mut each: impl FnMut(usize, usize, usize)) {
    let ((height, width), (rows, columns), kernel) = (g.size, g.out, g.kernel.0);
    for output in 0..g.output {
        for input in 0..g.input {
            for tap in 0..kernel * kernel {
                let weight = (output * g.input + input) * kernel * kernel + tap;
                for cell in 0..rows * columns {
                    let row = (cell / columns + tap / kernel).wrapping_sub(g.before.0);
                    let column = (cell % columns + tap % kernel).wrapping_sub(g.before.1);
                    if row < height && column < width {
                        let x = (input * height + row) * width + column;
                        each(x, weight, output * rows * columns + cell);
                    }
                }
            }
        }
    }
}

fn transformed(level: Level, w: &Winograd, back: bool, weights: &[f32]) -> Vec<Lane> {
    let mut all = vec![Lane::ZERO; w.transformed_len() / LANES];
    for (unit, out) in all.chunks_exact_mut(w.unit_len() / LANES).enumerate() {
        transform_weights(level, w, back, unit, weights, out);
    }
    all
}

/// Does some work in so many threads.
fn share(work: &dyn Work, threads: usize) {
    let one = || work.work(&mut vec![Lane([f32::NAN; LANES]); work.scratch_len()]);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(one))));
}

/// Outputs, input gradient added to the input, weight gradient added to the
/// weights.
fn results(level: Level, case: &Case, threads: usize) -> (Vec<Lane>, Vec<Lane>, Vec<f32>) {
    let (w, back) = (&case.w, &case.w.back());
    let memory = |len: usize| vec![Lane([f32::NAN; LANES]); len];
    let u = transformed(level, w, false, &case.weights);
    let mut y = memory(case.g.output_len());
    let finish = Finish::Write {
        bias: &case.bias,
        relu: true,
    };
    let work = Convolution::new(level, w, &case.x, &u, finish, &mut y, threads);
    share(&work, threads);
    let u = transformed(level, back, true, &case.weights);
    let mut below = case.x.clone();
    let (add, gradient) = (Finish::Add, &case.gradient);
    let work = Convolution::new(level, back, gradient, &u, add, &mut below, threads);
    share(&work, threads);
    let mut turned = memory(turned_len(w));
    turn(level, w, &case.x, &mut turned);
    let mut weights = case.weights.clone();
    let work = WeightGradient::new(level, w, &turned, gradient, &mut weights, threads);
    share(&work, threads);
    (y, below, weights)
}

/// The same as doubles.
fn expected(case: &Case) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let g = &case.g;
    let plane = g.out.0 * g.out.1;
    let flat =
        |lanes: &[Lane]| -> Vec<f64> { lanes.iter().flat_map(|l| l.0).map(f64::from).collect() };
    let (x, gradient) = (flat(&case.x), flat(&case.gradient));
    let bias = |i: usize| f64::from(case.bias[i / LANES / plane]);
    let mut y: Vec<f64> = (0..gradient.len()).map(bias).collect();
    let mut below = x.clone();
    let mut weights: Vec<f64> = case.weights.iter().map(|&w| f64::from(w)).collect();
    places(g, |i, w, o| {
        let weight = f64::from(case.weights[w]);
        for lane in 0..LANES {
            let (i, o) = (i * LANES + lane, o * LANES + lane);
            y[o] += x[i] * weight;
            below[i] += gradient[o] * weight;
            weights[w] += gradient[o] * x[i];
        }
    });
    y.iter_mut().for_each(|y| *y = y.max(0.0));
    (y, below, weights)
}

/// The largest difference, of the largest number.
fn error(given: impl Iterator<Item = f32>, expected: &[f64]) -> f64 {
    let largest = expected.iter().map(|e| e.abs()).fold(0.0, f64::max);
    let differences = given.zip(expected).map(|(g, e)| (f64::from(g) - e).abs());
    // Not `max`, which would leave out NaN.
    let worst = differences.fold(0.0, |a: f64, b| if b <= a { a } else { b });
    assert!(largest > 0.0);
    worst / largest
}

/// What the documentation promises: relative to the largest value, for
/// outputs and gradients of inputs, and for gradients of weights.
fn tolerance(tile: Tile) -> [f64; 2] {
    match tile {
        Tile::F4x3 => [1e-5, 1e-5],
        Tile::F6x3 => [2e-5, 1e-5],
        Tile::F4x5 => [1.5e-5, 1.5e-5],
        Tile::F5x4 => [3e-5, 2e-5],
    }
}

/// Images of every kind of edge: channels below and above a panel, tiles that
/// end at the image's border and behind it, one tile, an odd number of them,
/// images smaller than the kernel, more than a block.
fn cases() -> Vec<Case> {
    use Padding::{Same, Valid};
    let image = Dims::image;
    vec![
        case(image(16, 8, 8), 16, 3, Same),
        case(image(5, 12, 7), 19, 3, Valid),
        case(image(33, 27, 30), 12, 3, Same),
        case(image(3, 4, 4), 1, 3, Same),
        case(image(17, 2, 5), 50, 3, Same),
        case(image(20, 53, 24), 18, 3, Same),
        case(image(16, 14, 14), 21, 5, Same),
        case(image(6, 9, 17), 16, 5, Valid),
        case(image(2, 3, 3), 30, 5, Same),
        case(image(16, 15, 10), 16, 7, Same),
        case(image(18, 26, 21), 7, 7, Valid),
        case(image(35, 4, 7), 14, 7, Same),
    ]
}

#[test]
fn all_products_are_close_to_those_of_doubles() {
    for case in cases() {
        let (y, below, weights) = expected(&case);
        for &level in Level::available() {
            let given = results(level, &case, 1);
            let about = format!("{level:?}, {:?}", case.w);
            let [plain, of_weights] = tolerance(case.w.tile());
            let flat = |lanes: Vec<Lane>| lanes.into_iter().flat_map(|l| l.0);
            let e = error(flat(given.0), &y);
            assert!(e <= plain, "{about}: outputs {e:e}");
            let e = error(flat(given.1), &below);
            let back = tolerance(case.w.back().tile())[0];
            assert!(e <= back, "{about}: input gradient {e:e}");
            let e = error(given.2.into_iter(), &weights);
            assert!(e <= of_weights, "{about}: weight gradient {e:e}");
        }
    }
}

#[test]
fn instruction_sets_with_fused_multiply_add_give_the_same_bits() {
    let bits =
        |lanes: &[Lane]| -> Vec<u32> { lanes.iter().flat_map(|l| l.0).map(f32::to_bits).collect() };
    for case in cases() {
        let all: Vec<_> = (Level::available().iter().skip(1))
            .map(|&level| {
                let (y, below, weights) = results(level, &case, 1);
                let weights: Vec<u32> = weights.into_iter().map(f32::to_bits).collect();
                (bits(&y), bits(&below), weights)
            })
            .collect();
        let same = all.windows(2).all(|pair| pair[0] == pair[1]);
        assert!(same, "{:?}", case.w);
    }
}

#[test]
fn threads_change_no_bit() {
    for case in cases() {
        for &level in Level::available() {
            let expected = results(level, &case, 1);
            for threads in [2, 3, 16] {
                let same = results(level, &case, threads) == expected;
                assert!(same, "{level:?}, {threads} threads, {:?}", case.w);
            }
        }
    }
}

/// A group of a late layer, of a middle one and of an early one, and all their products.
#[test]
fn a_group_has_work_for_many_threads() {
    for (input, output, size) in [(128, 256, 8), (64, 128, 16), (48, 48, 53)] {
        let case = case(Dims::image(input, size, size), output, 3, Padding::Same);
        let (w, back) = (&case.w, &case.w.back());
        let mut y = lanes(0, case.g.output_len());
        let u = vec![Lane::ZERO; w.transformed_len() / LANES];
        let finish = Finish::Add;
        let units = [
            Convolution::new(Level::detect(), w, &case.x, &u, finish, &mut y, 8).units(),
            {
                let u = vec![Lane::ZERO; back.transformed_len() / LANES];
                let (x, mut out) = (&case.gradient, case.x.clone());
                Convolution::new(Level::detect(), back, x, &u, finish, &mut out, 8).units()
            },
            {
                let turned = vec![Lane::ZERO; turned_len(w)];
                let mut weights = case.weights.clone();
                let gradient = &case.gradient;
                WeightGradient::new(Level::detect(), w, &turned, gradient, &mut weights, 8).units()
            },
        ];
        assert!(
            units.iter().all(|&units| units >= 8),
            "{units:?} of {size}x{size}"
        );
    }
}

/// Larger tiles where they save multiplications, smaller ones where they would
/// lie outside of the image.
#[test]
fn tiles_fit_the_image() {
    let tile = |size: usize, kernel: usize| {
        let input = Dims::image(16, size, size);
        case(input, 16, kernel, Padding::Same).w.tile()
    };
    assert_eq!([53, 105].map(|size| tile(size, 3)), [Tile::F6x3; 2]);
    assert_eq!([8, 14, 27].map(|size| tile(size, 3)), [Tile::F4x3; 3]);
    assert_eq!([tile(27, 5), tile(27, 7)], [Tile::F4x5, Tile::F5x4]);
}

#[test]
fn other_windows_have_no_tiles() {
    let made = |kernel: (usize, usize), stride: usize| {
        let axis = |kernel| window(9, kernel, stride, Padding::Same).unwrap();
        let axes = (axis(kernel.0), axis(kernel.1));
        let out = Dims::image(4, axes.0.output, axes.1.output);
        let g = Geometry::new(Dims::image(4, 9, 9), out, kernel, stride, axes);
        Winograd::new(&g).is_some()
    };
    assert!(made((3, 3), 1) && made((5, 5), 1) && made((7, 7), 1));
    assert!(!made((3, 3), 2) && !made((1, 1), 1) && !made((1, 7), 1) && !made((4, 4), 1));
}
