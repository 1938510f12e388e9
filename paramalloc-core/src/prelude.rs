//! What describes a network: `use paramalloc_core::prelude::*`.
//!
//! These are the layers and little else. A layer of one's own is written in
//! operations of dfdx, which is here as a module:
//!
//! ```
//! use dfdx::tensor_ops::*;
//! use paramalloc_core::prelude::*;
//! ```

pub use dfdx;

#[rustfmt::skip]
pub use crate::layers::{
    AnyOf, AvgPool2D, Conv2D, Dropout, DropoutOneIn, Flatten2D, GroupNorm, Identity, Linear,
    MaxPool2D, PerTaskLinear, ReLU, RectConv2D,
};
pub use crate::layers::custom::{Activations, CustomLayer, FlatParameter};
pub use crate::layers::{Init, Layer, ParameterSpec, Same, ShapeRule, Spec, Valid};
pub use crate::loss::Loss;
pub use crate::multitask;
pub use crate::network::shape::Dims;
pub use crate::network::{Multitask, Network};
pub use crate::train::{TrainSettings, Trainer};

#[cfg(test)]
mod tests {
    /// Names that are no layers, at most: each may collide with a user's.
    const OTHER_NAMES: usize = 45;

    #[test]
    fn the_prelude_is_small() {
        let source = include_str!("prelude.rs");
        let code = source.split("#[cfg(test)]").next().unwrap();
        let names: Vec<&str> = (code.split("pub use ").skip(1))
            .map(|import| import.split(';').next().unwrap())
            .flat_map(|import| match import.split_once('{') {
                Some((_, list)) => list.trim_end_matches('}').split(',').collect(),
                None => vec![import.rsplit("::").next().unwrap()],
            })
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        assert!(!names.contains(&"*"), "{names:?}");
        let layers = names.iter().position(|name| *name == "AnyOf").unwrap()
            ..=names.iter().position(|name| *name == "RectConv2D").unwrap();
        let others = names.len() - layers.count();
        assert!(others <= OTHER_NAMES, "{others} names: {names:?}");
        assert!(names.contains(&"multitask") && names.contains(&"dfdx"));
    }
}
