//! A network of wide convolutions, which are computed by tiles.

use std::sync::Arc;

use crate::data::{Examples, FloatInputs, Targets};
use crate::engine::cpu::{Convolution, CpuEngine};
use crate::engine::{Allocation, Batch, Engine};
use crate::network::init::initial_parameters;
use crate::network::plan::Plan;
use crate::network::{Field, Head, Network, Outputs};
use crate::prelude::*;
use crate::random::Random;
use paramalloc_kernels::Level;

const FIELDS: &[Field] = &[
    Field::shared("stem", <(Conv2D<2, 16, 3, 1, Same>, ReLU) as Layer>::SPEC),
    Field::routed(
        "wide",
        1,
        <AnyOf<(
            (Conv2D<16, 18, 3, 1, Same>, ReLU, Conv2D<18, 20, 5, 1, Same>),
            (Conv2D<16, 20, 7, 1, Same>, ReLU),
            (Conv2D<16, 20, 3, 1, Same>, GroupNorm<20, 4>, ReLU),
            Conv2D<16, 20, 3, 1, Same>,
        )> as Layer>::SPEC,
    ),
    Field::shared(
        "last",
        <(Conv2D<20, 17, 3>, ReLU, MaxPool2D<2>, Flatten2D) as Layer>::SPEC,
    ),
];
const HEAD: Head = Head::new("head", 425, Outputs::FromData, Loss::SoftmaxCrossEntropy);
const NETWORK: Network = Network::new("Tiled", Dims::image(2, 12, 13), None, FIELDS, HEAD);
const INPUT: usize = 2 * 12 * 13;
const WEIGHTS: [f32; 4] = [0.5, 0.25, 0.0, 0.0];
/// The third component is computed for its router, the last one is not.
const LEARNS: [bool; 4] = [true, true, true, false];

/// What a batch gives, as bits.
#[derive(Debug, PartialEq)]
struct Given {
    logits: Vec<u32>,
    weights: Vec<u32>,
    loss: u64,
    gradient: Vec<u32>,
}

fn engine(threads: usize) -> CpuEngine {
    let plan = Arc::new(Plan::new(&NETWORK, &[3]).unwrap());
    let parameters = initial_parameters(&plan, &Random::new(5));
    CpuEngine::new(plan, &[true], parameters, threads).unwrap()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

fn numbers(bits: &[u32]) -> Vec<f32> {
    bits.iter().map(|&bits| f32::from_bits(bits)).collect()
}

fn inputs(len: usize) -> Vec<f32> {
    (0..len * INPUT).map(|i| (i as f32 * 0.37).sin()).collect()
}

fn allocation() -> Allocation<'static> {
    Allocation {
        task: 0,
        weights: &WEIGHTS,
        learns: &LEARNS,
    }
}

fn given(engine: &mut CpuEngine, len: usize) -> Given {
    let classes: Vec<u16> = (0..len).map(|i| (i % 3) as u16).collect();
    let batch = Batch {
        len,
        inputs: &inputs(len),
        targets: Targets::Classes(&classes).into(),
        total_weight: len as f64,
        masks: &[],
    };
    let loss = engine.gradients(allocation(), batch).unwrap();
    Given {
        logits: bits(engine.last_logits()),
        weights: bits(engine.weight_gradient()),
        loss: loss.to_bits(),
        gradient: bits(&engine.parameter_gradient()),
    }
}

#[test]
fn neither_threads_nor_skipping_nor_the_batch_before_change_a_bit() {
    let mut first = engine(1);
    let batches = [1, 29, 7, 8, 40];
    let expected = batches.map(|len| given(&mut first, len));
    for threads in [2, 3, 5, 16] {
        let mut other = engine(threads);
        for (&len, expected) in batches.iter().zip(&expected).rev() {
            let same = given(&mut other, len) == *expected;
            assert!(same, "{threads} threads, batch {len}");
        }
    }
    let mut all = engine(2).dense();
    for (&len, expected) in batches.iter().zip(&expected) {
        let given = given(&mut all, len);
        assert_eq!(given.logits, expected.logits, "batch {len}");
        // A zero of the other sign is the same number.
        let same = numbers(&given.gradient) == numbers(&expected.gradient);
        assert!(same, "batch {len}: gradient");
        let of_learning = |bits: &[u32]| numbers(bits)[..3].to_vec();
        assert_eq!(of_learning(&given.weights), of_learning(&expected.weights));
    }
}

#[test]
fn an_example_has_the_same_logits_in_every_batch() {
    let all = given(&mut engine(2), 40).logits;
    let mut engine = engine(2);
    for len in [1, 7, 8, 29] {
        assert_eq!(
            given(&mut engine, len).logits,
            all[..len * 3],
            "batch {len}"
        );
    }
    let logits = engine.logits(allocation(), &inputs(40), 40).unwrap();
    assert_eq!(bits(&logits), all, "evaluation");
    let flat = Arc::new(FloatInputs::new(INPUT, inputs(40)).unwrap());
    let examples = Examples::new(flat, vec![0_u16; 40]).unwrap();
    let logits = engine.predict(allocation(), &examples).unwrap();
    assert_eq!(bits(&logits), all, "examples");
}

#[test]
fn all_levels_with_fused_multiply_add_have_the_same_bits() {
    let fused = Level::available().iter().skip(1);
    let all: Vec<Given> = fused
        .map(|&level| given(&mut engine(1).with_level(level), 29))
        .collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn direct_convolutions_give_nearly_the_same() {
    let direct = |convolution| engine(2).with_convolution(convolution);
    let expected = given(&mut direct(Convolution::Direct), 29);
    for convolution in [Convolution::Auto, Convolution::Winograd] {
        let given = given(&mut direct(convolution), 29);
        assert_ne!(given.logits, expected.logits, "{convolution}");
        for (given, expected) in [
            (&given.logits, &expected.logits),
            (&given.gradient, &expected.gradient),
            (&given.weights, &expected.weights),
        ] {
            let (given, expected) = (numbers(given), numbers(expected));
            let largest = expected.iter().fold(0.0_f32, |a, e| a.max(e.abs()));
            assert!(largest > 0.0, "{convolution}");
            for (i, (g, e)) in given.iter().zip(&expected).enumerate() {
                let error = (g - e).abs();
                assert!(
                    error <= 1e-4 * largest,
                    "{convolution}, {i}: {error} of {largest}"
                );
            }
        }
    }
}
