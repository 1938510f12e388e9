//! Convolutions in groups, dilated and transposed, larger images, signals and
//! embeddings: composed of dfdx's operations, and by the CPU kernels, against
//! the reference in plain loops.

mod support;

use paramalloc_core::layers::{
    AvgPool1D, Bilinear, Conv1D, ConvTranspose2D, DepthwiseConv2D, DilatedConv2D, Embedding,
    GroupedConv2D, Layer, MaxPool1D, Same, Spec, Upsample2D,
};
use paramalloc_core::network::Sharing;
use paramalloc_core::network::shape::Dims;
use support::on_device::compare;
use support::random::{Case, Random};
use support::{plan, routed, sequence};

fn compare_layer<L: Layer>(input: Dims) {
    let spec = L::SPEC;
    let with_relu = sequence([spec.clone(), Spec::ReLU]);
    for (batch, spec) in [(1, &spec), (9, &spec), (3, &with_relu)] {
        for sharing in [Sharing::Shared, routed(2)] {
            let plan = plan(input, spec, sharing, 2);
            let mut case = Case::new(&plan, batch, &mut Random(batch as u64));
            compare(&format!("{spec} on {input}"), &plan, &mut case);
        }
    }
}

#[test]
fn convolutions_in_groups() {
    for size in [(5, 5), (6, 9)] {
        let image = |channels| Dims::image(channels, size.0, size.1);
        compare_layer::<GroupedConv2D<4, 6, 3, 2>>(image(4));
        compare_layer::<GroupedConv2D<6, 3, 3, 3, 2, Same>>(image(6));
        compare_layer::<GroupedConv2D<2, 4, 1, 1, 2>>(image(2));
        compare_layer::<DepthwiseConv2D<5, 3, 1, Same>>(image(5));
        compare_layer::<DepthwiseConv2D<3, 5, 2, Same>>(image(3));
        compare_layer::<DepthwiseConv2D<3, 1, 3, Same>>(image(3));
    }
}

#[test]
fn dilated_convolutions() {
    for size in [(7, 7), (9, 12)] {
        let image = |channels| Dims::image(channels, size.0, size.1);
        compare_layer::<DilatedConv2D<2, 3, 3, 2>>(image(2));
        compare_layer::<DilatedConv2D<2, 3, 3, 3>>(image(2));
        compare_layer::<DilatedConv2D<1, 2, 3, 4, Same>>(image(1));
        compare_layer::<DilatedConv2D<3, 2, 2, 5, Same>>(image(3));
        compare_layer::<DilatedConv2D<3, 2, 3, 1, Same>>(image(3));
    }
    // More rows apart than the image has.
    compare_layer::<DilatedConv2D<1, 2, 3, 9, Same>>(Dims::image(1, 3, 20));
}

#[test]
fn transposed_convolutions() {
    for size in [(1, 1), (3, 4)] {
        let image = |channels| Dims::image(channels, size.0, size.1);
        compare_layer::<ConvTranspose2D<2, 3, 3>>(image(2));
        compare_layer::<ConvTranspose2D<3, 2, 3, 2, Same>>(image(3));
        compare_layer::<ConvTranspose2D<1, 1, 2, 2>>(image(1));
        compare_layer::<ConvTranspose2D<2, 5, 1, 3, Same>>(image(2));
        compare_layer::<ConvTranspose2D<2, 2, 4, 3>>(image(2));
        compare_layer::<(
            ConvTranspose2D<2, 2, 3, 2, Same>,
            DepthwiseConv2D<2, 3, 1, Same>,
        )>(image(2));
    }
}

#[test]
fn larger_images() {
    for size in [(1, 1), (1, 3), (4, 3)] {
        let image = Dims::image(2, size.0, size.1);
        compare_layer::<Upsample2D<1>>(image);
        compare_layer::<Upsample2D<2>>(image);
        compare_layer::<Upsample2D<3>>(image);
        compare_layer::<Upsample2D<1, Bilinear>>(image);
        compare_layer::<Upsample2D<2, Bilinear>>(image);
        compare_layer::<Upsample2D<5, Bilinear>>(image);
    }
}

#[test]
fn signals() {
    let signal = |channels| Dims::image(channels, 1, 17);
    compare_layer::<Conv1D<3, 4, 5>>(signal(3));
    compare_layer::<Conv1D<3, 4, 5, 2, Same>>(signal(3));
    compare_layer::<(Conv1D<1, 4, 3>, MaxPool1D<2>, Conv1D<4, 2, 3>)>(signal(1));
    compare_layer::<MaxPool1D<3, 2, Same>>(signal(2));
    compare_layer::<AvgPool1D<4>>(signal(2));
}

#[test]
fn embeddings() {
    for (spec, rows) in [
        (Embedding::<5, 3>::SPEC, 5),
        (Embedding::<1, 2>::SPEC, 1),
        (<(Embedding<7, 2>, Conv1D<2, 3, 2>)>::SPEC, 7),
    ] {
        for sharing in [Sharing::Shared, routed(2)] {
            let plan = plan(Dims::features(4), &spec, sharing, 2);
            let mut random = Random(rows as u64);
            let mut case = Case::new(&plan, 9, &mut random);
            for x in &mut case.x {
                *x = random.between(0, rows - 1) as f32;
            }
            compare(&spec.to_string(), &plan, &mut case);
        }
    }
}
