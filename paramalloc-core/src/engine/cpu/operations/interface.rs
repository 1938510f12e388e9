//! The interface of an operation of the CPU engine.

use crate::engine::cpu::down::{Down, Target};
use crate::engine::cpu::pass::{Group, Pass};
use crate::engine::cpu::places::{OperationLayout, Sizes};
use crate::engine::cpu::workspace::Borders;
use crate::layers::Window;
use crate::network::plan::Operation;
use crate::network::shape::Dims;
use paramalloc_kernels::{Geometry, Lane};

/// How a kind of operations passes over a group of examples.
pub trait GroupOperation {
    /// Its window over an image, where it has one.
    fn geometry(&self, operation: &Operation) -> Option<Geometry> {
        let _ = operation;
        None
    }

    /// Lanes that the backward pass needs besides input and output.
    fn kept(&self, operation: &Operation) -> usize {
        let _ = operation;
        0
    }

    /// Makes `sizes` large enough for its scratch memory; `geometry` is its
    /// window.
    fn reserve(&self, operation: &Operation, geometry: Option<&Geometry>, sizes: &mut Sizes) {
        let _ = (operation, geometry, sizes);
    }

    /// From the input to the output, without a ReLU behind it unless
    /// [`Kind::takes_relu`](crate::network::plan::Kind) says that the
    /// operation applies it.
    fn forward(&self, at: Forward<'_>);

    /// From the gradient of the output before a ReLU, in `gradients.stack`, to
    /// that of the input in `target`: by [`Down::in_place`] or
    /// [`Down::elsewhere`].
    fn backward(
        &self,
        down: &mut Down<'_>,
        operation: &Operation,
        place: &OperationLayout,
        target: Option<Target>,
    );
}

/// What an operation has on its way forward.
pub struct Forward<'a> {
    /// What all groups share.
    pub pass: &'a Pass<'a>,
    /// The operation.
    pub operation: &'a Operation,
    /// Where it lies.
    pub place: &'a OperationLayout,
    /// The examples.
    pub group: Group,
    /// Inputs with borders.
    pub borders: &'a mut Borders,
    /// The input.
    pub x: &'a [Lane],
    /// What a residual adds to the input; empty elsewhere.
    pub skip: &'a [Lane],
    /// The output.
    pub y: &'a mut [Lane],
    /// What the backward pass needs besides.
    pub kept: &'a mut [Lane],
}

/// The window of an operation from images of shape `input` to `output`.
pub fn window(input: Dims, output: Dims, window: &Window) -> Geometry {
    let axes = (window.rows, window.columns);
    Geometry::new(input, output, window.kernel, window.stride, axes)
}
