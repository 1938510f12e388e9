//! The CPU kernels. They work on groups of eight images ([`Lane`]) and on
//! nothing else; [`crate::engine`] strings them together.
//!
//! Besides one lifetime in `cpu::threads`, this is the only module with
//! `unsafe` code: vector instructions behind a run-time check, and reads
//! without bounds checks in the inner loops of the convolutions, whose slices'
//! lengths are asserted at the entry.
#![allow(unsafe_code)]
// A loop over the lanes indexes several arrays at once; a kernel takes its
// slices one by one, because structs of them hide from the compiler that they
// do not overlap.
#![allow(clippy::needless_range_loop, clippy::too_many_arguments)]

pub mod conv;
pub mod conv_backward;
pub mod elementwise;
pub mod geometry;
pub mod norm;
pub mod pool;
pub mod simd;

pub use geometry::Geometry;
pub use simd::{LANES, Lane, Level};
