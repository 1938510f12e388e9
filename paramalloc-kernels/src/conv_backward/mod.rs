//! Gradients of a convolution. `gradient` is that of the output before the
//! ReLU, `[output, rows, columns]`.

mod input;
mod weight;

pub use input::{InputGradient, input_gradient};
pub use weight::{WeightGradient, bias_gradient, weight_gradient};
