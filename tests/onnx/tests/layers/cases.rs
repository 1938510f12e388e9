//! Layers, each with the shapes in which it behaves differently.

use std::borrow::Cow;

use paramalloc_core::layers::*;
use paramalloc_core::network::shape::Dims;

/// The kinds of layers, as [`kind`] calls them, but a user's own.
pub const ALL: [&str; 26] = [
    "Conv2D",
    "ConvTranspose2D",
    "DilatedConv2D",
    "Dropout",
    "Embedding",
    "GroupNorm",
    "GroupedConv2D",
    "InstanceNorm",
    "LayerNorm",
    "Linear",
    "Along",
    "Pool2D",
    "Upsample2D",
    "Flatten2D",
    "GELU",
    "GlobalAvgPool2D",
    "Identity",
    "LeakyReLU",
    "ReLU",
    "Sigmoid",
    "SiLU",
    "Softplus",
    "Tanh",
    "Sequence",
    "Residual",
    "AnyOf",
];

/// A new layer does not compile until it has a name here, and a case.
pub fn kind(spec: &Spec) -> &'static str {
    match spec {
        Spec::Conv2D(_) => "Conv2D",
        Spec::ConvTranspose2D(_) => "ConvTranspose2D",
        Spec::Custom(_) => "Custom",
        Spec::DilatedConv2D(_) => "DilatedConv2D",
        Spec::Dropout(_) => "Dropout",
        Spec::Embedding(_) => "Embedding",
        Spec::GroupNorm(_) => "GroupNorm",
        Spec::GroupedConv2D(_) => "GroupedConv2D",
        Spec::InstanceNorm(_) => "InstanceNorm",
        Spec::LayerNorm(_) => "LayerNorm",
        Spec::Linear(_) => "Linear",
        Spec::Along(_) => "Along",
        Spec::Pool2D(_) => "Pool2D",
        Spec::Upsample2D(_) => "Upsample2D",
        Spec::Flatten2D => "Flatten2D",
        Spec::GELU => "GELU",
        Spec::GlobalAvgPool2D => "GlobalAvgPool2D",
        Spec::Identity => "Identity",
        Spec::LeakyReLU => "LeakyReLU",
        Spec::ReLU => "ReLU",
        Spec::Sigmoid => "Sigmoid",
        Spec::SiLU => "SiLU",
        Spec::Softplus => "Softplus",
        Spec::Tanh => "Tanh",
        Spec::Sequence(_) => "Sequence",
        Spec::Residual(_) => "Residual",
        Spec::AnyOf(_) => "AnyOf",
    }
}

const fn of<L: Layer>() -> Spec {
    L::SPEC
}

/// Layers and the shapes that they take.
pub fn cases() -> Vec<(Dims, Spec)> {
    let mut cases = convolutions();
    cases.extend(pools());
    cases.extend(norms_and_activations());
    cases.extend(structures());
    cases
}

/// Odd and even sizes, strides beyond the kernel, padding of unequal halves.
fn convolutions() -> Vec<(Dims, Spec)> {
    let (odd, even) = (Dims::image(2, 7, 9), Dims::image(2, 8, 6));
    let four = Dims::image(4, 7, 6);
    let mut cases = Vec::new();
    for input in [odd, even] {
        cases.extend([
            (input, of::<Conv2D<2, 3, 3>>()),
            (input, of::<Conv2D<2, 3, 3, 2, Same>>()),
            (input, of::<Conv2D<2, 3, 2, 3, Same>>()),
            (input, of::<Conv2D<2, 3, 1, 2>>()),
            (input, of::<RectConv2D<2, 3, 1, 5, 2, Same>>()),
            (input, of::<DilatedConv2D<2, 3, 3, 2>>()),
            (input, of::<DilatedConv2D<2, 3, 3, 3, Same>>()),
            (input, of::<ConvTranspose2D<2, 3, 3>>()),
            (input, of::<ConvTranspose2D<2, 3, 3, 2, Same>>()),
            (input, of::<ConvTranspose2D<2, 3, 2, 3>>()),
            (input, of::<ConvTranspose2D<2, 3, 2, 3, Same>>()),
            (input, of::<ConvTranspose2D<2, 3, 5, 2, Same>>()),
        ]);
    }
    cases.extend([
        (four, of::<(GroupedConv2D<4, 6, 3, 2>, ReLU)>()),
        (four, of::<DepthwiseConv2D<4, 3, 2, Same>>()),
        (Dims::image(2, 1, 12), of::<Conv1D<2, 3, 5, 2, Same>>()),
        (Dims::features(7), of::<(Linear<7, 5>, ReLU)>()),
    ]);
    cases
}

fn pools() -> Vec<(Dims, Spec)> {
    let mut cases = Vec::new();
    for input in [Dims::image(2, 7, 9), Dims::image(2, 8, 6)] {
        cases.extend([
            (input, of::<MaxPool2D<2>>()),
            (input, of::<MaxPool2D<3, 2, Same>>()),
            (input, of::<AvgPool2D<3>>()),
            (input, of::<AvgPool2D<3, 2, Same>>()),
            (input, of::<AvgPool2D<2, 3, Same>>()),
            (input, of::<GlobalAvgPool2D>()),
            (input, of::<Upsample2D<3>>()),
            (input, of::<Upsample2D<2, Bilinear>>()),
            (input, of::<Upsample2D<3, Bilinear>>()),
        ]);
    }
    let signal = Dims::image(2, 1, 11);
    cases.extend([
        (signal, of::<MaxPool1D<3, 2, Same>>()),
        (signal, of::<AvgPool1D<2>>()),
    ]);
    cases
}

fn norms_and_activations() -> Vec<(Dims, Spec)> {
    let (image, features) = (Dims::image(4, 3, 5), Dims::features(6));
    let mut cases = vec![
        (image, of::<(GroupNorm<4, 2>, ReLU)>()),
        (image, of::<InstanceNorm<4>>()),
        (image, of::<LayerNorm<4>>()),
        (features, of::<LayerNorm<6>>()),
        (features, of::<(Linear<6, 8>, Dropout, Tanh)>()),
        (features, Spec::Identity),
        (image, Spec::Flatten2D),
        (Dims::features(3), of::<Embedding<6, 4>>()),
        (
            Dims::features(5),
            of::<(Embedding<6, 4>, Conv1D<4, 3, 3>, Flatten2D)>(),
        ),
    ];
    let activations = [
        Spec::GELU,
        Spec::LeakyReLU,
        Spec::ReLU,
        Spec::Sigmoid,
        Spec::SiLU,
        Spec::Softplus,
        Spec::Tanh,
    ];
    for activation in activations {
        let parts = vec![of::<Linear<6, 6>>(), activation.clone()];
        cases.push((features, Spec::Sequence(Cow::Owned(parts))));
        let parts = vec![of::<Conv2D<4, 4, 3>>(), activation];
        cases.push((image, Spec::Sequence(Cow::Owned(parts))));
    }
    cases
}

/// Sums of several layers, one in the other.
fn structures() -> Vec<(Dims, Spec)> {
    type Block = (
        Conv2D<4, 4, 3, 1, Same>,
        GroupNorm<4, 2>,
        ReLU,
        Conv2D<4, 4, 3, 1, Same>,
    );
    type Smaller = (Conv2D<4, 6, 3, 2, Same>, ReLU, Conv2D<6, 6, 3, 1, Same>);
    let (image, features) = (Dims::image(4, 7, 6), Dims::features(6));
    let alternatives = vec![
        of::<(Conv2D<4, 4, 3, 2, Same>, ReLU)>(),
        of::<MaxPool2D<3, 2, Same>>(),
        of::<AvgPool2D<3, 2, Same>>(),
    ];
    vec![
        (image, of::<(Residual<Block>, ReLU)>()),
        (image, of::<(Residual<Smaller>, ReLU)>()),
        (
            image,
            of::<Residual<(ReLU, Residual<Block>, ReLU, Smaller)>>(),
        ),
        (
            image,
            of::<(Conv2D<4, 4, 3>, Residual<(ReLU, Conv2D<4, 4, 1>)>)>(),
        ),
        (features, of::<Residual<(Linear<6, 6>, GELU)>>()),
        (features, of::<(Residual<(Linear<6, 9>, ReLU)>, Tanh)>()),
        (image, Spec::AnyOf(Cow::Owned(alternatives))),
    ]
}
