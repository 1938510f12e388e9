//! The operations composed of dfdx's: slower than kernels, but on any device,
//! with every gradient from the tape.

mod conv;
mod conv_transpose;
mod embedding;
mod field;
mod gate;
mod norm;
mod operation;
mod pool;
mod reshape;
mod split_conv;
mod stack;
mod upsample;
mod windows;

pub use conv::head;
pub use field::field;
