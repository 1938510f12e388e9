//! How each kind of operation passes over a group: a file per kind, and the
//! one list of them.

mod activation;
mod conv;
mod conv_transpose;
mod custom;
mod dropout;
mod embedding;
mod interface;
mod norm;
mod pool;
mod residual;
mod split_conv;
pub mod tiled_conv;
mod upsample;

pub use interface::{Forward, GroupOperation};

use crate::network::plan::Kind;

/// The code of a kind of operations.
pub fn of(kind: &Kind) -> &dyn GroupOperation {
    match kind {
        Kind::Conv(operation) => operation,
        Kind::SplitConv(operation) => operation,
        Kind::ConvTranspose(operation) => operation,
        Kind::Embedding(operation) => operation,
        Kind::Upsample(operation) => operation,
        Kind::Pool(operation) => operation,
        Kind::GroupNorm(operation) => operation,
        Kind::ReLU => &activation::ReLU,
        Kind::Elementwise(operation) => operation,
        Kind::Dropout(operation) => operation,
        Kind::Residual(operation) => operation,
        Kind::Custom(operation) => operation,
    }
}
