//! Single kernels at the shapes of the three networks. Elements per second
//! are floating point operations: a multiply-add is two.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main,
};
use paramalloc_core::network::shape::{Dims, Padding, window};
use paramalloc_core::optim::{Adam, AdamSettings, Optimizer, State, Update};
use paramalloc_kernels::geometry::{border_gradient, pad_input};
use paramalloc_kernels::{
    Geometry, LANES, Lane, Level, conv, conv_backward, elementwise, norm, pool,
};

/// Name, channels in and out, size of the image, kernel, stride, padding.
type Shape = (
    &'static str,
    usize,
    usize,
    usize,
    (usize, usize),
    usize,
    Padding,
);

const CONVOLUTIONS: [Shape; 9] = [
    ("mnist_conv1_1x28", 1, 4, 28, (5, 5), 1, Padding::Valid),
    ("mnist_conv2_4x12", 4, 4, 12, (3, 3), 1, Padding::Valid),
    ("mnist_conv3_4x5", 4, 4, 5, (3, 3), 1, Padding::Valid),
    ("clusters_3x3_8x32", 8, 8, 32, (3, 3), 2, Padding::Same),
    ("clusters_5x5_8x32", 8, 8, 32, (5, 5), 2, Padding::Same),
    ("clusters_5x5_8x8", 8, 8, 8, (5, 5), 2, Padding::Same),
    ("omniglot_3x3_48x27", 48, 48, 27, (3, 3), 1, Padding::Same),
    ("omniglot_7x7_48x53", 48, 48, 53, (7, 7), 1, Padding::Same),
    ("omniglot_7x1_48x53", 48, 48, 53, (7, 1), 2, Padding::Same),
];

const POOLS: [Shape; 3] = [
    ("mnist_2x2_4x24", 4, 4, 24, (2, 2), 2, Padding::Valid),
    ("omniglot_3x3_48x27", 48, 48, 27, (3, 3), 1, Padding::Same),
    ("omniglot_3x3_48x53", 48, 48, 53, (3, 3), 2, Padding::Same),
];

fn geometry(&(_, input, output, size, kernel, stride, padding): &Shape) -> Geometry {
    let axis = |kernel| window(size, kernel, stride, padding).expect("the window fits");
    let axes = (axis(kernel.0), axis(kernel.1));
    let image = Dims::image(input, size, size);
    let out = Dims::image(output, axes.0.output, axes.1.output);
    Geometry::new(image, out, kernel, stride, axes)
}

fn lanes(len: usize) -> Vec<Lane> {
    let value = |i: usize| ((i * 37 + 11) % 101) as f32 / 50.0 - 1.0;
    let lane = |i: usize| Lane(std::array::from_fn(|l| value(i * LANES + l)));
    (0..len).map(lane).collect()
}

fn floats(len: usize) -> Vec<f32> {
    lanes(len.div_ceil(LANES))
        .iter()
        .flat_map(|l| l.0)
        .take(len)
        .collect()
}

fn group<'a>(c: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = c.benchmark_group(name);
    group.sample_size(20);
    group.warm_up_time(Duration::from_millis(200));
    group.measurement_time(Duration::from_millis(600));
    group
}

/// Floating point operations of a convolution over a group of images.
fn operations(g: &Geometry) -> Throughput {
    let multiply_adds = g.weights() * g.out().0 * g.out().1 * LANES;
    Throughput::Elements(2 * multiply_adds as u64)
}

fn convolutions(c: &mut Criterion) {
    let level = Level::detect();
    for shape in &CONVOLUTIONS {
        let g = geometry(shape);
        let (weight, bias) = (floats(g.weights()), floats(g.output()));
        let mut x = lanes(g.padded_len());
        pad_input(&g, &lanes(g.input_len()), &mut x);
        let gradient = lanes(g.output_len());
        let mut bordered = lanes(g.bordered_gradient_len());
        border_gradient(&g, &gradient, &mut bordered);
        let (mut y, mut dx) = (lanes(g.output_len()), lanes(g.input_len()));
        let (mut dw, mut db) = (floats(g.weights()), floats(g.output()));
        let mut scratch = lanes(g.scratch_len());

        let mut group = group(c, &format!("conv/{}", shape.0));
        group.throughput(operations(&g));
        group.bench_function("forward", |b| {
            b.iter(|| conv::forward(level, &g, black_box(&x), &weight, &bias, true, &mut y));
        });
        group.bench_function("input_gradient", |b| {
            b.iter(|| {
                conv_backward::input_gradient(level, &g, black_box(&bordered), &weight, &mut dx);
            });
        });
        group.bench_function("weight_gradient", |b| {
            b.iter(|| {
                let (x, scratch) = (black_box(&x), &mut scratch);
                conv_backward::weight_gradient(level, &g, x, &gradient, &mut dw, &mut db, scratch);
            });
        });
    }
}

fn pools(c: &mut Criterion) {
    let level = Level::detect();
    for shape in &POOLS {
        let g = geometry(shape);
        let (x, gradient) = (lanes(g.input_len()), lanes(g.output_len()));
        let (mut y, mut chosen) = (lanes(g.output_len()), lanes(g.output_len()));
        let mut dx = lanes(g.input_len());
        let mut group = group(c, &format!("pool/{}", shape.0));
        let cells = g.output_len() * g.kernel().0 * g.kernel().1 * LANES;
        group.throughput(Throughput::Elements(cells as u64));
        group.bench_function("average", |b| {
            b.iter(|| pool::average(level, &g, black_box(&x), &mut y));
        });
        group.bench_function("average_gradient", |b| {
            b.iter(|| pool::average_gradient(level, &g, black_box(&gradient), &mut dx));
        });
        group.bench_function("maximum", |b| {
            b.iter(|| pool::maximum(level, &g, black_box(&x), &mut y, &mut chosen));
        });
        group.bench_function("maximum_gradient", |b| {
            b.iter(|| pool::maximum_gradient(level, &g, &gradient, black_box(&chosen), &mut dx));
        });
    }
}

fn norms(c: &mut Criterion) {
    let level = Level::detect();
    for (name, channels, plane) in [("clusters_8x16", 8, 256), ("omniglot_48x53", 48, 2809)] {
        let x = lanes(channels * plane);
        let (gamma, beta) = (floats(channels), floats(channels));
        let (mut y, mut moments) = (lanes(x.len()), lanes(8));
        let gradient = lanes(x.len());
        let (mut d_gamma, mut d_beta) = (floats(channels), floats(channels));
        let mut group = group(c, &format!("norm/{name}"));
        group.throughput(Throughput::Elements((x.len() * LANES) as u64));
        group.bench_function("forward", |b| {
            b.iter(|| {
                let x = black_box(&x);
                norm::forward(
                    level,
                    4,
                    1e-6,
                    plane,
                    x,
                    &gamma,
                    &beta,
                    true,
                    &mut y,
                    &mut moments,
                );
            });
        });
        group.bench_function("backward", |b| {
            // In place: every call gets a fresh gradient.
            let fresh = || gradient.clone();
            let run = |g: &mut Vec<Lane>| {
                let (d_gamma, d_beta) = (&mut d_gamma, &mut d_beta);
                norm::backward(level, 4, plane, &x, &moments, &gamma, g, d_gamma, d_beta);
            };
            b.iter_batched_ref(fresh, run, BatchSize::LargeInput);
        });
    }
}

fn updates(c: &mut Criterion) {
    let mut adam = Adam::new(AdamSettings::default()).expect("the usual settings");
    adam.begin(1);
    let update = Update {
        optimizer: &adam,
        number: 1,
        learning_rate: 1e-3,
        l2: 0.0,
        scale: 1.0,
        extra: None,
    };
    for (name, len) in [("mnist", 2_900), ("omniglot", 3_700_000)] {
        let (mut parameters, gradient) = (floats(len), floats(len));
        let mut state = State::zeros(2, len);
        let mut group = group(c, &format!("adam/{name}"));
        group.throughput(Throughput::Elements(len as u64));
        group.bench_function("with_gradient", |b| {
            b.iter(|| {
                let gradient = Some(black_box(&gradient[..]));
                state.apply(&update, 0..len, &mut parameters, gradient, true);
            });
        });
        group.bench_function("without", |b| {
            b.iter(|| state.apply(&update, 0..len, black_box(&mut parameters), None, true));
        });
    }
}

fn interleaving(c: &mut Criterion) {
    let level = Level::detect();
    for (name, len) in [("mnist", 784), ("clusters", 3_072), ("omniglot", 11_025)] {
        let mut examples = floats(LANES * len);
        let mut side_by_side = lanes(len);
        let mut group = group(c, &format!("interleave/{name}"));
        group.throughput(Throughput::Elements((LANES * len) as u64));
        group.bench_function("there", |b| {
            b.iter(|| elementwise::interleave(level, black_box(&examples), len, &mut side_by_side));
        });
        group.bench_function("back", |b| {
            b.iter(|| elementwise::deinterleave(level, black_box(&side_by_side), &mut examples));
        });
    }
}

criterion_group!(kernels, convolutions, pools, norms, updates, interleaving);
criterion_main!(kernels);
