//! What tests of the operations share: a reference in plain loops, plans made
//! from specs at run time, seeded random numbers, and comparison.

// Each test file uses a part of it.
#![allow(dead_code)]

pub mod loops;
pub mod on_device;
pub mod random;
pub mod reference;
pub mod terms;

use paramalloc_core::error::{Error, NetworkError};
use paramalloc_core::layers::check::check;
use paramalloc_core::layers::{Conv, Pool, PoolKind, Spec};
use paramalloc_core::loss::Loss;
use paramalloc_core::network::plan::Plan;
use paramalloc_core::network::shape::{Dims, Padding};
use paramalloc_core::network::{Field, Head, Network, Outputs, Sharing};

/// A network whose field 0 is `spec` on examples of shape `input`, with one
/// task of `outputs` outputs. Copies of a layer without parameters would all be
/// the same and are refused, so of such a layer a routed field has one.
pub fn plan(input: Dims, spec: &Spec, sharing: Sharing, outputs: usize) -> Plan {
    let plan = match plan_of(input, spec, sharing, outputs) {
        Err(Error::Network(NetworkError::Components { .. })) => {
            plan_of(input, spec, routed(1), outputs)
        }
        plan => plan,
    };
    plan.expect("a sound network")
}

fn plan_of(input: Dims, spec: &Spec, sharing: Sharing, outputs: usize) -> Result<Plan, Error> {
    let output = check(spec, input).output;
    let mut fields = vec![Field::new("tested", spec.clone(), sharing)];
    if output.is_image {
        fields.push(Field::shared("flatten", Spec::Flatten2D));
    }
    let loss = Loss::SoftmaxCrossEntropy;
    let head = Head::new("head", output.len(), Outputs::FromData, loss);
    let mut network = Network::new("Tested", input, None, &[], head);
    network.fields = fields.into();
    Plan::new(&network, &[outputs])
}

/// A routed field with this many copies of what its spec names.
pub const fn routed(copies: usize) -> Sharing {
    Sharing::Routed {
        copies,
        router: None,
    }
}

/// One after the other.
pub fn sequence(specs: impl Into<Vec<Spec>>) -> Spec {
    Spec::Sequence(specs.into().into())
}

/// A convolution.
pub fn conv(
    (input, output): (usize, usize),
    (kernel_height, kernel_width): (usize, usize),
    stride: usize,
    padding: Padding,
) -> Spec {
    Spec::Conv2D(Conv {
        input,
        output,
        kernel_height,
        kernel_width,
        stride,
        padding,
    })
}

/// Average pooling.
pub fn average_pool(kernel: usize, stride: usize, padding: Padding) -> Spec {
    pool(PoolKind::Average, kernel, stride, padding)
}

/// Maximum pooling.
pub fn max_pool(kernel: usize, stride: usize, padding: Padding) -> Spec {
    pool(PoolKind::Max, kernel, stride, padding)
}

fn pool(kind: PoolKind, kernel: usize, stride: usize, padding: Padding) -> Spec {
    Spec::Pool2D(Pool {
        kind,
        kernel,
        stride,
        padding,
    })
}

/// The same numbers in double precision.
pub fn to_f64(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

/// Panics unless the largest difference is at most `tolerance` times the
/// largest expected value.
#[track_caller]
pub fn assert_close(what: &str, got: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}: number of values");
    let scale = expected.iter().fold(1e-3, |m: f64, v| m.max(v.abs()));
    for (i, (&got, &expected)) in got.iter().zip(expected).enumerate() {
        let difference = (f64::from(got) - expected).abs();
        // Written so that a NaN fails.
        let close = difference <= tolerance * scale;
        assert!(close, "{what}: value {i} is {got}, expected {expected}");
    }
}
