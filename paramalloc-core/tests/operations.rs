//! The operations composed of dfdx's, and the CPU kernels, against the
//! reference in plain loops.

mod support;

use std::borrow::Cow;

use paramalloc_core::layers::{
    DropoutSpec, ElementwiseLayer, GroupNormSpec, InstanceNormSpec, LayerNormSpec, LinearSpec, Spec,
};
use paramalloc_core::network::Sharing;
use paramalloc_core::network::shape::{Dims, Padding};
use support::on_device::compare;
use support::random::{Case, Random};
use support::{average_pool, conv, max_pool, plan, routed, sequence};

fn compare_spec(input: Dims, spec: Spec, batch: usize) {
    for sharing in [Sharing::Shared, routed(2)] {
        let plan = plan(input, &spec, sharing, 2);
        let mut case = Case::new(&plan, batch, &mut Random(batch as u64));
        compare(&format!("{spec} on {input}"), &plan, &mut case);
    }
}

#[test]
fn convolutions_of_all_shapes() {
    for (kernel, stride) in [
        ((3, 3), 1),
        ((3, 3), 2),
        ((1, 7), 1),
        ((7, 1), 2),
        ((1, 1), 2),
    ] {
        for (height, width) in [(7, 7), (8, 9), (14, 7)] {
            for padding in [Padding::Valid, Padding::Same] {
                let spec = conv((2, 3), kernel, stride, padding);
                compare_spec(Dims::image(2, height, width), spec, 2);
            }
        }
    }
    for (input, kernel) in [
        ((1, 1), (1, 1)),
        ((1, 1), (3, 3)),
        ((1, 5), (1, 7)),
        ((5, 4), (5, 4)),
    ] {
        let spec = conv((1, 1), kernel, 2, Padding::Same);
        compare_spec(Dims::image(1, input.0, input.1), spec, 1);
    }
    compare_spec(
        Dims::image(3, 5, 4),
        conv((3, 2), (5, 4), 1, Padding::Valid),
        1,
    );
}

#[test]
fn pooling_of_all_shapes_with_many_ties() {
    for pool in [average_pool, max_pool] {
        for (kernel, stride) in [(1, 1), (2, 2), (3, 1), (3, 2), (2, 3), (5, 2)] {
            for padding in [Padding::Valid, Padding::Same] {
                for size in [5, 6] {
                    let input = Dims::image(2, size, size + 1);
                    let spec = pool(kernel, stride, padding);
                    let plan = plan(input, &spec, Sharing::Shared, 2);
                    let mut random = Random(size as u64);
                    let mut case = Case::new(&plan, 2, &mut random);
                    for x in &mut case.x {
                        *x = random.one_of(&[-1.0, 0.0, 0.5]);
                    }
                    compare(&format!("{spec} on {input}"), &plan, &mut case);
                }
            }
        }
    }
    compare_spec(Dims::image(1, 1, 1), max_pool(3, 2, Padding::Same), 1);
    compare_spec(Dims::image(1, 1, 1), average_pool(3, 2, Padding::Same), 1);
}

#[test]
fn group_norms_from_one_group_to_one_channel_each() {
    for (channels, groups) in [(1, 1), (4, 1), (4, 2), (4, 4)] {
        let norm = Spec::GroupNorm(GroupNormSpec { channels, groups });
        compare_spec(Dims::image(channels, 3, 2), norm.clone(), 2);
        compare_spec(Dims::image(channels, 1, 1), norm.clone(), 1);
        let stack = sequence([norm, Spec::ReLU]);
        compare_spec(Dims::image(channels, 5, 5), stack, 3);
    }
}

#[test]
fn norms_of_an_example_and_of_a_channel() {
    let layer = |channels| Spec::LayerNorm(LayerNormSpec { channels });
    let instance = |channels| Spec::InstanceNorm(InstanceNormSpec { channels });
    compare_spec(Dims::features(7), layer(7), 3);
    compare_spec(Dims::image(1, 1, 5), instance(1), 2);
    for (channels, rows) in [(3, 4), (5, 3)] {
        let input = Dims::image(channels, rows, 5);
        compare_spec(input, layer(channels), 9);
        compare_spec(input, instance(channels), 9);
        compare_spec(input, sequence([layer(channels), Spec::ReLU]), 2);
    }
}

#[test]
fn the_mean_of_each_channel() {
    for (rows, columns) in [(1, 1), (3, 4), (7, 7)] {
        let input = Dims::image(3, rows, columns);
        compare_spec(input, Spec::GlobalAvgPool2D, 9);
        let (input, output) = (3, 2);
        let head = Spec::Linear(LinearSpec { input, output });
        let stack = sequence([Spec::GlobalAvgPool2D, head]);
        compare_spec(Dims::image(3, rows, columns), stack, 2);
    }
}

#[test]
fn dropouts_of_a_percentage() {
    for spec in [DropoutSpec::Percent(20), DropoutSpec::Percent(0)] {
        compare_spec(Dims::features(40), Spec::Dropout(spec), 3);
    }
}

#[test]
fn dense_layers_after_flatten() {
    let (input, output) = (24, 5);
    let dense = sequence([
        Spec::Flatten2D,
        Spec::Dropout(DropoutSpec::OneIn(2)),
        Spec::Linear(LinearSpec { input, output }),
        Spec::GroupNorm(GroupNormSpec {
            channels: 5,
            groups: 1,
        }),
    ]);
    compare_spec(Dims::image(2, 3, 4), dense, 3);
    let (input, output) = (1, 1);
    compare_spec(
        Dims::features(1),
        Spec::Linear(LinearSpec { input, output }),
        1,
    );
}

/// `x / (1 + |x|)`, whose form for other devices is the one by the CPU.
struct Softsign;

impl ElementwiseLayer for Softsign {
    const NAME: &'static str = "Softsign";

    fn value(x: f32) -> f32 {
        x / (1.0 + x.abs())
    }

    fn slope(x: f32, _y: f32) -> f32 {
        1.0 / (1.0 + x.abs()) / (1.0 + x.abs())
    }
}

#[test]
fn activations() {
    for activation in [
        Spec::GELU,
        Spec::LeakyReLU,
        Spec::Sigmoid,
        Spec::SiLU,
        Spec::Softplus,
        Spec::Tanh,
        Spec::elementwise::<Softsign>(),
    ] {
        compare_spec(Dims::features(5), activation.clone(), 9);
        compare_spec(Dims::image(2, 3, 3), activation.clone(), 2);
        let norm = Spec::GroupNorm(GroupNormSpec {
            channels: 4,
            groups: 2,
        });
        let conv = conv((2, 4), (3, 3), 1, Padding::Same);
        let stack = sequence([conv, norm, activation.clone(), Spec::ReLU]);
        compare_spec(Dims::image(2, 4, 4), stack, 3);
    }
}

/// Components of the Omniglot networks, and two that end and do not end in an
/// operation after Flatten.
#[test]
fn components_of_different_kinds() {
    let block = |stride| {
        let conv = |height, width, stride| {
            let norm = Spec::GroupNorm(GroupNormSpec {
                channels: 4,
                groups: 2,
            });
            let conv = conv((4, 4), (height, width), stride, Padding::Same);
            sequence([conv, norm, Spec::ReLU])
        };
        let identity = match stride {
            1 => Spec::Identity,
            _ => support::conv((4, 4), (1, 1), stride, Padding::Same),
        };
        Spec::AnyOf(Cow::Owned(vec![
            sequence([conv(3, 3, 1), conv(3, 3, stride)]),
            sequence([conv(5, 5, 1), conv(5, 5, stride)]),
            sequence([conv(1, 7, 1), conv(7, 1, stride)]),
            max_pool(3, stride, Padding::Same),
            average_pool(3, stride, Padding::Same),
            identity,
        ]))
    };
    for (size, stride) in [(7, 1), (7, 2), (4, 2)] {
        let plan = plan(Dims::image(4, size, size), &block(stride), routed(1), 2);
        let mut case = Case::new(&plan, 2, &mut Random(5));
        compare("a block", &plan, &mut case);
    }
    let (input, output) = (12, 12);
    let flat = [
        Spec::Flatten2D,
        sequence([Spec::Flatten2D, Spec::Linear(LinearSpec { input, output })]),
    ];
    let plan = plan(
        Dims::image(3, 2, 2),
        &Spec::AnyOf(flat.to_vec().into()),
        routed(1),
        2,
    );
    compare("flat", &plan, &mut Case::new(&plan, 2, &mut Random(6)));
}

#[test]
fn random_stacks() {
    for seed in 0..150 {
        let mut random = Random(seed);
        let input = random.image(9);
        let spec = random.stack(input);
        let sharing = match random.between(0, 2) {
            0 => Sharing::Shared,
            more => routed(more + 1),
        };
        let plan = plan(input, &spec, sharing, 2);
        // Some batches need more than one group of eight images.
        let batch = random.one_of(&[1, 2, 3, 8, 9, 17]);
        let mut case = Case::new(&plan, batch, &mut random);
        compare(&format!("seed {seed}, {spec} on {input}"), &plan, &mut case);
    }
}
