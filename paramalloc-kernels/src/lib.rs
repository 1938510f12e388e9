//! The CPU kernels of paramalloc. They work on groups of eight images
//! ([`Lane`]) and on nothing else; the CPU engine of `paramalloc-core` strings
//! them together.
//!
//! Besides one lifetime in the engine's threads, this is the only library code
//! with `unsafe`: vector instructions behind a run-time check, and access
//! without bounds checks in inner loops. Those of the convolutions trust the
//! slices' lengths, which are asserted at the entry, and a [`Geometry`], which
//! cannot be forged, nor can the [`winograd::Winograd`] that is made of one;
//! pooling asserts that each window's cells are there; sums in `elementwise`
//! and `norm` stay below the lengths of their slices. [`pages`] asks the system for
//! large pages. Units of [`work::Work`] write what no other unit reads or writes.
#![allow(unsafe_code)]
// A loop over the lanes indexes several arrays at once; a kernel takes its
// slices one by one, because structs of them hide from the compiler that they
// do not overlap.
#![allow(clippy::needless_range_loop, clippy::too_many_arguments)]

pub mod adam;
pub mod conv;
pub mod conv_backward;
pub mod elementwise;
pub mod geometry;
pub mod grid;
#[cfg(test)]
mod made;
pub mod map;
pub mod norm;
pub mod pages;
pub mod phases;
pub mod pool;
pub mod product;
pub mod shape;
pub mod simd;
pub mod table;
pub mod upsample;
pub mod winograd;
pub mod work;

pub use geometry::Geometry;
pub use simd::{LANES, Lane, Level};
