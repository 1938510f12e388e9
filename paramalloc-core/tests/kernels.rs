//! The CPU kernels against plain loops in double precision, with every
//! instruction set of this machine. What a kernel writes starts as NaN, what
//! it adds to starts as random numbers, and lanes behind the end must stay.

mod support;

use paramalloc_core::layers::check::check;
use paramalloc_core::layers::{GroupNormSpec, PoolKind, Spec};
use paramalloc_core::network::Sharing;
use paramalloc_core::network::plan::{Kind, Operation, Plan};
use paramalloc_core::network::shape::{Dims, Padding};
use paramalloc_kernels::{
    Geometry, LANES, Lane, Level, conv, conv_backward, elementwise, geometry, norm, pool,
};
use support::random::Random;
use support::{assert_close, loops, to_f64};

const NAN: Lane = Lane([f32::NAN; LANES]);

/// Eight examples side by side.
fn lanes(rows: &[f32]) -> Vec<Lane> {
    let len = rows.len() / LANES;
    let lane = |i| Lane(std::array::from_fn(|l| rows[l * len + i]));
    (0..len).map(lane).collect()
}

/// The way back.
fn rows(lanes: &[Lane]) -> Vec<f32> {
    (0..LANES)
        .flat_map(|l| lanes.iter().map(move |lane| lane.0[l]))
        .collect()
}

/// Runs a kernel on `values` with three NaN lanes behind them, which it must
/// leave alone.
#[track_caller]
fn guarded(mut values: Vec<Lane>, kernel: impl FnOnce(&mut [Lane])) -> Vec<f32> {
    let len = values.len();
    values.resize(len + 3, NAN);
    kernel(&mut values);
    let guards = values[len..].iter().flat_map(|lane| lane.0);
    assert!(guards.into_iter().all(f32::is_nan), "wrote behind the end");
    rows(&values[..len])
}

fn sum(a: &[f32], b: &[f64]) -> Vec<f64> {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(&a, b)| f64::from(a) + b).collect()
}

/// The operation of a plan that has one.
fn operation(plan: &Plan) -> &Operation {
    &plan.fields[0].components[0].operations[0]
}

/// `spec` on `input` with its window, if it fits.
fn windowed(spec: &Spec, input: Dims) -> Option<(Plan, Geometry)> {
    if check(spec, input).error.is_some() {
        return None;
    }
    let plan = support::plan(input, spec, Sharing::Shared, 2);
    let operation = operation(&plan);
    let window = match operation.kind {
        Kind::Conv(conv) => conv.window,
        Kind::Pool(pool) => pool.window,
        _ => panic!("{spec} has no window"),
    };
    let (input, output) = (operation.input, operation.output);
    let axes = (window.rows, window.columns);
    let g = Geometry::new(input, output, window.kernel, window.stride, axes);
    Some((plan, g))
}

fn check_convolution(operation: &Operation, g: &Geometry, what: &str, random: &mut Random) {
    let x = random.values(LANES * g.input_len());
    let dy = random.values(LANES * g.output_len());
    let parameters = random.values(g.weights() + g.output());
    let (weight, bias) = parameters.split_at(g.weights());
    let (x64, dy64, p64) = (to_f64(&x), to_f64(&dy), to_f64(&parameters));
    let y = loops::convolution(operation, LANES, &x64, &p64);
    let mut dp = vec![0.0; parameters.len()];
    let dx = loops::convolution_gradient(operation, LANES, &x64, &dy64, &p64, &mut dp);

    let mut padded = vec![NAN; g.padded_len()];
    geometry::pad_input(g, &lanes(&x), &mut padded);
    let mut bordered = vec![NAN; g.bordered_gradient_len()];
    geometry::border_gradient(g, &lanes(&dy), &mut bordered);
    for &level in Level::available() {
        let at = format!("{what}, {level:?}");
        for relu in [false, true] {
            let got = guarded(vec![NAN; g.output_len()], |y| {
                conv::forward(level, g, &padded, weight, bias, relu, y);
            });
            let floor = if relu { 0.0 } else { f64::NEG_INFINITY };
            let wanted: Vec<f64> = y.iter().map(|y| y.max(floor)).collect();
            assert_close(&format!("{at}, relu {relu}"), &got, &wanted, 1e-5);
        }
        let held = random.values(x.len());
        let got = guarded(lanes(&held), |out| {
            conv_backward::input_gradient(level, g, &bordered, weight, out);
        });
        assert_close(&format!("{at}, input"), &got, &sum(&held, &dx), 1e-5);

        let held = random.values(parameters.len());
        let mut got = held.clone();
        let (dw, db) = got.split_at_mut(g.weights());
        guarded(vec![NAN; g.scratch_len()], |scratch| {
            conv_backward::weight_gradient(level, g, &padded, &lanes(&dy), dw, db, scratch);
        });
        assert_close(&format!("{at}, parameters"), &got, &sum(&held, &dp), 1e-5);
    }
}

fn check_pooling(operation: &Operation, g: &Geometry, what: &str, random: &mut Random) {
    // Few values, so that many are equal.
    let x: Vec<f32> = (0..LANES * g.input_len())
        .map(|_| random.one_of(&[-1.0, -0.25, 0.0, 0.5]))
        .collect();
    let dy = random.values(LANES * g.output_len());
    let y = loops::pool(operation, LANES, &to_f64(&x));
    let dx = loops::pool_gradient(operation, LANES, &to_f64(&x), &to_f64(&dy));
    let is_maximum = matches!(operation.kind, Kind::Pool(p, ..) if p.kind == PoolKind::Max);
    for &level in Level::available() {
        let at = format!("{what}, {level:?}");
        let mut chosen = vec![NAN; g.output_len()];
        let got = guarded(vec![NAN; g.output_len()], |y| {
            if is_maximum {
                pool::maximum(level, g, &lanes(&x), y, &mut chosen);
            } else {
                pool::average(level, g, &lanes(&x), y);
            }
        });
        assert_close(&at, &got, &y, 1e-6);
        let held = random.values(x.len());
        let got = guarded(lanes(&held), |out| {
            if is_maximum {
                pool::maximum_gradient(level, g, &lanes(&dy), &chosen, out);
            } else {
                pool::average_gradient(level, g, &lanes(&dy), out);
            }
        });
        assert_close(&format!("{at}, input"), &got, &sum(&held, &dx), 1e-5);
    }
}

/// Checks `spec` on `input`; false if it does not fit.
fn check_window(spec: Spec, input: Dims, random: &mut Random) -> bool {
    let Some((plan, g)) = windowed(&spec, input) else {
        return false;
    };
    let operation = operation(&plan);
    let what = format!("{spec} on {input}");
    match operation.kind {
        Kind::Conv(..) => check_convolution(operation, &g, &what, random),
        _ => check_pooling(operation, &g, &what, random),
    }
    true
}

const PADDINGS: [Padding; 2] = [Padding::Valid, Padding::Same];

#[test]
fn convolutions_of_every_width() {
    let mut random = Random(1);
    for width in 1..=13 {
        for kernel in [(1, 1), (3, 3), (1, 7), (7, 1)] {
            for stride in [1, 2] {
                let spec = support::conv((3, 5), kernel, stride, Padding::Same);
                assert!(check_window(spec, Dims::image(3, 4, width), &mut random));
            }
        }
    }
}

#[test]
fn convolutions_of_every_number_of_channels() {
    let mut random = Random(2);
    for input in 1..=9 {
        for output in [1, 2, 3, 4, 5, 7, 8] {
            let spec = support::conv((input, output), (3, 2), 1, Padding::Valid);
            assert!(check_window(spec, Dims::image(input, 4, 7), &mut random));
        }
    }
}

#[test]
fn convolutions_at_the_edges() {
    let mut random = Random(3);
    for (size, kernel, stride) in [
        // One pixel, the kernel as large as the image or larger.
        ((1, 1), (1, 1), 1),
        ((1, 1), (5, 5), 2),
        ((6, 5), (6, 5), 1),
        ((2, 3), (7, 7), 1),
        // Steps over even, odd and left-over cells, larger than the kernel.
        ((14, 14), (3, 3), 2),
        ((13, 12), (3, 3), 2),
        ((8, 9), (2, 2), 3),
        ((9, 10), (1, 1), 4),
        ((5, 11), (1, 2), 5),
        // More columns than a block of rows has lanes.
        ((3, 200), (3, 3), 1),
    ] {
        for padding in PADDINGS {
            let spec = support::conv((2, 5), kernel, stride, padding);
            let fits = check_window(spec, Dims::image(2, size.0, size.1), &mut random);
            let larger = kernel.0 > size.0 || kernel.1 > size.1;
            assert_eq!(fits, padding == Padding::Same || !larger);
        }
    }
}

#[test]
fn windows_of_random_geometry() {
    let mut random = Random(4);
    let mut done = 0;
    while done < 400 {
        let input = Dims::image(
            random.between(1, 7),
            random.between(1, 13),
            random.between(1, 13),
        );
        let padding = random.one_of(&PADDINGS);
        let stride = random.one_of(&[1, 1, 2, 2, 3, 4]);
        let (kernel, output) = (random.between(1, 7), random.between(1, 9));
        let spec = match random.between(0, 3) {
            0 => support::average_pool(kernel, stride, padding),
            1 => support::max_pool(kernel, stride, padding),
            _ => {
                let kernel = (kernel, random.between(1, 7));
                support::conv((input.channels, output), kernel, stride, padding)
            }
        };
        done += usize::from(check_window(spec, input, &mut random));
    }
}

#[test]
fn pooling_at_the_edges() {
    let mut random = Random(5);
    for make in [support::average_pool, support::max_pool] {
        for (size, kernel, stride) in [
            ((1, 1), 1, 1),
            ((1, 1), 3, 2),
            ((1, 7), 3, 1),
            ((7, 1), 3, 2),
            ((4, 4), 4, 4),
            ((6, 7), 2, 2),
            ((9, 8), 2, 3),
            ((10, 13), 1, 4),
        ] {
            for padding in PADDINGS {
                let fits = kernel <= size.0.min(size.1) || padding == Padding::Same;
                for channels in [1, 5] {
                    let input = Dims::image(channels, size.0, size.1);
                    let spec = make(kernel, stride, padding);
                    assert_eq!(check_window(spec, input, &mut random), fits);
                }
            }
        }
    }
}

#[test]
fn group_norms() {
    let mut random = Random(6);
    for (channels, groups) in [(1, 1), (5, 1), (5, 5), (6, 2), (7, 7), (8, 4)] {
        for (height, width) in [(1, 7), (7, 1), (4, 5), (13, 13)] {
            let input = Dims::image(channels, height, width);
            check_norm(input, groups, &mut random);
        }
    }
}

fn check_norm(input: Dims, groups: usize, random: &mut Random) {
    let channels = input.channels;
    let spec = Spec::GroupNorm(GroupNormSpec { channels, groups });
    let plan = support::plan(input, &spec, Sharing::Shared, 2);
    let operation = operation(&plan);
    let Kind::GroupNorm(norm) = operation.kind else {
        panic!("{spec} is not a norm")
    };
    let epsilon = norm.epsilon;
    // Far from 0, where a variance of large sums would be lost.
    let x: Vec<f32> = (0..LANES * input.len())
        .map(|_| 3.0 + random.value())
        .collect();
    let dy = random.values(x.len());
    let parameters = random.values(2 * channels);
    let (gamma, beta) = parameters.split_at(channels);
    let (x64, dy64, p64) = (to_f64(&x), to_f64(&dy), to_f64(&parameters));
    let (normalized, _) = loops::normalize(input, norm, LANES, &x64);
    let y: Vec<f64> = loops::by_channel(input, &normalized)
        .map(|(c, v)| v * p64[c] + p64[channels + c])
        .collect();
    let mut dp = vec![0.0; parameters.len()];
    let dx = loops::norm_gradient(operation, norm, LANES, &x64, &dy64, &p64, &mut dp);
    let (plane, x) = (input.plane(), lanes(&x));
    for &level in Level::available() {
        let at = format!("{groups} groups of {input}, {level:?}");
        let mut moments = vec![NAN; 2 * groups];
        for relu in [false, true] {
            let got = guarded(vec![NAN; x.len()], |y| {
                norm::forward(
                    level,
                    groups,
                    epsilon,
                    plane,
                    &x,
                    gamma,
                    beta,
                    relu,
                    y,
                    &mut moments,
                );
            });
            let floor = if relu { 0.0 } else { f64::NEG_INFINITY };
            let wanted: Vec<f64> = y.iter().map(|y| y.max(floor)).collect();
            assert_close(&format!("{at}, relu {relu}"), &got, &wanted, 1e-4);
        }
        let held = random.values(parameters.len());
        let mut sums = held.clone();
        let (dg, db) = sums.split_at_mut(channels);
        let got = guarded(lanes(&dy), |gradient| {
            norm::backward(level, groups, plane, &x, &moments, gamma, gradient, dg, db);
        });
        assert_close(&format!("{at}, input"), &got, &dx, 1e-4);
        assert_close(&format!("{at}, parameters"), &sums, &sum(&held, &dp), 1e-4);
    }
}

#[test]
fn values_one_by_one() {
    let mut random = Random(7);
    for len in [1, 2, 3, 7, 8, 9, 31, 64, 65] {
        let x = random.values(LANES * len);
        let y = random.values(LANES * len);
        for &level in Level::available() {
            let same = |what: &str, got: Vec<f32>, value: fn(f32, f32) -> f32| {
                let wanted: Vec<f32> = x.iter().zip(&y).map(|(&x, &y)| value(x, y)).collect();
                assert_eq!(got, wanted, "{what} of {len}, {level:?}");
            };
            let (x, y) = (&lanes(&x)[..], lanes(&y));
            let on = |kernel: &dyn Fn(&mut [Lane])| guarded(y.clone(), kernel);
            let relu = on(&|out| elementwise::relu(level, x, out));
            same("relu", relu, |x, _| if x > 0.0 { x } else { 0.0 });
            let scaled = on(&|out| elementwise::scaled(level, x, 0.25, out));
            same("scaled", scaled, |x, _| 0.25 * x);
            let added = on(&|out| elementwise::add_scaled(level, x, 0.25, out));
            same("add_scaled", added, |x, y| y + 0.25 * x);
            same("add", on(&|out| elementwise::add(level, x, out)), |x, y| {
                y + x
            });
            same(
                "times",
                on(&|out| elementwise::times(level, x, out)),
                |x, y| y * x,
            );
            let masked = on(&|out| elementwise::masked(level, x, &y, out));
            same("masked", masked, |x, y| x * y);
            let gradient = on(&|out| elementwise::relu_gradient(level, x, out));
            same(
                "relu_gradient",
                gradient,
                |x, y| if x > 0.0 { y } else { 0.0 },
            );
        }
    }
}

#[test]
fn products_are_summed_per_image() {
    let mut random = Random(8);
    for len in [1, 2, 7, 64, 1000] {
        let (x, y) = (random.values(LANES * len), random.values(LANES * len));
        let wanted: Vec<f64> = (x.chunks_exact(len).zip(y.chunks_exact(len)))
            .map(|(x, y)| to_f64(x).iter().zip(to_f64(y)).map(|(x, y)| x * y).sum())
            .collect();
        for &level in Level::available() {
            let mut out = NAN;
            elementwise::dot(level, &lanes(&x), &lanes(&y), &mut out);
            assert_close(&format!("{len}, {level:?}"), &out.0, &wanted, 1e-5);
        }
    }
}

#[test]
fn groups_of_one_to_eight_examples() {
    let mut random = Random(9);
    for count in 1..=LANES {
        for len in [1, 2, 3, 8, 13] {
            let examples = random.values(count * len);
            let mut wanted = examples.clone();
            wanted.resize(LANES * len, 0.0);
            for &level in Level::available() {
                let got = guarded(vec![NAN; len], |out| {
                    elementwise::interleave(level, &examples, len, out);
                });
                assert_eq!(got, wanted, "{count} examples of {len}, {level:?}");
                let mut back = vec![f32::NAN; examples.len()];
                elementwise::deinterleave(level, &lanes(&got), &mut back);
                assert_eq!(back, examples, "{count} examples of {len}, {level:?}");
            }
        }
    }
}

/// The loss must show a NaN, so no operation may turn it into a number.
#[test]
fn nan_goes_through() {
    let window = support::max_pool(2, 2, Padding::Valid);
    let (_, g) = windowed(&window, Dims::image(1, 2, 2)).expect("a window");
    let pixel = support::conv((1, 1), (1, 1), 1, Padding::Valid);
    let (_, one) = windowed(&pixel, Dims::image(1, 1, 1)).expect("a window");
    let is_nan = |values: &[Lane]| values.iter().flat_map(|v| v.0).all(f32::is_nan);
    for &level in Level::available() {
        let mut y = [Lane::ZERO];
        elementwise::relu(level, &[NAN], &mut y);
        assert!(is_nan(&y), "relu, {level:?}");
        for relu in [false, true] {
            let mut y = [Lane::ZERO];
            conv::forward(level, &one, &[NAN], &[1.0], &[0.0], relu, &mut y);
            assert!(is_nan(&y), "convolution, relu {relu}, {level:?}");
            let (mut y, mut moments) = ([Lane::ZERO; 2], [Lane::ZERO; 2]);
            let x = [Lane::ZERO, NAN];
            norm::forward(
                level,
                1,
                1e-6,
                2,
                &x,
                &[1.0],
                &[0.0],
                relu,
                &mut y,
                &mut moments,
            );
            assert!(is_nan(&y), "norm, relu {relu}, {level:?}");
        }
        for place in 0..4 {
            let (mut x, mut y, mut chosen) = ([Lane::ZERO; 4], [Lane::ZERO], [Lane::ZERO]);
            x[place] = NAN;
            pool::maximum(level, &g, &x, &mut y, &mut chosen);
            assert!(is_nan(&y), "maximum, place {place}, {level:?}");
        }
    }
}
