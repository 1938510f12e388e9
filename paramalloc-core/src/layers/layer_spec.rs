//! What a layer's file says about it at run time. What is needed while
//! compiling as well, its name and its shape rule, are `const fn`s beside it,
//! which the list of layers calls by name: a trait has none on stable Rust.

use std::fmt;

use super::operation::Kind;
use super::parameter::ParameterSpec;
use crate::network::shape::Dims;

/// A layer's settings. The `Display` form is the layer as it is written.
pub(crate) trait LayerSpec: fmt::Display {
    /// What tells it from other layers in the short name of a component;
    /// absent for what changes no shape (norms, activations, dropout).
    fn short_name(&self) -> Option<String> {
        None
    }

    /// Its parameters, in order; none by default.
    fn parameters(&self) -> Vec<ParameterSpec> {
        Vec::new()
    }

    /// What it computes for an input that its shape rule accepts; absent if
    /// the values stay as they are.
    fn operation(&self, input: Dims) -> Option<Kind>;
}
