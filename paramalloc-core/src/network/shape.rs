//! Shapes of one example, known at compile time, and their dfdx types.

use dfdx::shapes::{Const, Shape};

pub use paramalloc_kernels::shape::{Axis, Dims, Padding, window};

/// Names the dfdx shape of a batch of examples: an image batch
/// `(usize, Const<C>, Const<H>, Const<W>)` if `IMAGE`, else a feature batch
/// `(usize, Const<C>)`. The constants come from a [`Dims`].
#[derive(Debug)]
pub struct Batch<const IMAGE: bool, const C: usize, const H: usize, const W: usize>;

/// The dfdx shape that a [`Batch`] names.
pub trait BatchShape {
    /// Batch at run time, everything else at compile time.
    type Shape: Shape;
}

impl<const C: usize, const H: usize, const W: usize> BatchShape for Batch<true, C, H, W> {
    type Shape = (usize, Const<C>, Const<H>, Const<W>);
}

impl<const C: usize, const H: usize, const W: usize> BatchShape for Batch<false, C, H, W> {
    type Shape = (usize, Const<C>);
}
