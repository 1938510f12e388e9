//! Layers of the user's own that break what they must keep to are refused
//! before the first step, by name.

use paramalloc_core::error::{Error, NetworkError};
use paramalloc_core::network::Outputs;
use paramalloc_core::prelude::dfdx::prelude::{
    Axes3, Axis, BroadcastTo, Device, HasShape, MeanTo, ReshapeTo, SumTo, Tape, WithEmptyTape,
};
use paramalloc_core::prelude::*;

/// Says that it keeps the shape, and sums over rows.
struct Sums;

impl CustomLayer for Sums {
    const NAME: &'static str = "Sums";
    const RULE: ShapeRule = ShapeRule::Keep;

    fn forward<D: Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        _: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        let (batch, channels, _, columns) = *x.shape();
        let sums = x.sum::<(usize, usize, usize), Axis<2>>();
        sums.reshape_like(&(batch, channels, 1, columns))
    }
}

/// Takes the mean over the batch from each value, but in training only if
/// `TRAINING`.
struct Centered<const TRAINING: bool>;

impl<const TRAINING: bool> CustomLayer for Centered<TRAINING> {
    const NAME: &'static str = if TRAINING {
        "CenteredInTraining"
    } else {
        "Centered"
    };
    const RULE: ShapeRule = ShapeRule::Keep;

    fn forward<D: Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        _: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        if TRAINING && !T::OWNS_TAPE {
            return x;
        }
        let shape = *x.shape();
        let mean = x.with_empty_tape().mean::<(usize, usize, usize), Axis<0>>();
        x - mean.broadcast_like::<_, Axis<0>>(&shape)
    }
}

/// Takes the mean over each example from its values.
struct CenteredAlone;

impl CustomLayer for CenteredAlone {
    const NAME: &'static str = "CenteredAlone";
    const RULE: ShapeRule = ShapeRule::Keep;

    fn forward<D: Device<f32>, T: Tape<f32, D>>(
        x: Activations<D, T>,
        _: Vec<FlatParameter<D, T>>,
    ) -> Activations<D, T> {
        let shape = *x.shape();
        let mean = x.with_empty_tape().mean::<(usize,), Axes3<1, 2, 3>>();
        x - mean.broadcast_like::<_, Axes3<1, 2, 3>>(&shape)
    }
}

fn trainer<L: CustomLayer>() -> Result<Trainer, Error> {
    let network = Network::builder("Net", Dims::image(2, 3, 3))
        .shared("own", Spec::custom::<L>())
        .shared("flatten", Flatten2D::SPEC)
        .head("head", Outputs::Equal(2), Loss::SoftmaxCrossEntropy)
        .build()?;
    Trainer::new(&network, &TrainSettings::default(), &[2], 1)
}

#[test]
fn a_layer_that_breaks_its_rule() {
    let error = trainer::<Sums>().unwrap_err();
    assert!(matches!(
        &error,
        Error::Network(NetworkError::LayerShape {
            found: [1 | 2, 2, 1, 3],
            ..
        })
    ));
    assert_eq!(
        error.to_string(),
        "the layer `Sums` of `Net` gives a batch of shape [2, 2, 1, 3], but its `RULE` says [2, 2, 3, 3]; change one of the two"
    );
}

/// Release builds do not look.
#[cfg(debug_assertions)]
#[test]
fn a_layer_that_mixes_examples() {
    for error in [trainer::<Centered<false>>(), trainer::<Centered<true>>()] {
        let error = error.unwrap_err();
        assert!(
            matches!(error, Error::Network(NetworkError::MixesExamples { .. })),
            "{error}"
        );
    }
    let sentence = trainer::<Centered<false>>().unwrap_err().to_string();
    assert_eq!(
        sentence,
        "the layer `Centered` of `Net` mixes the examples of a batch: an example has another output beside a second one than alone; compute each example by itself"
    );
}

#[test]
fn a_layer_that_keeps_examples_apart() {
    assert!(trainer::<CenteredAlone>().is_ok());
}
