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

pub use crate::layers::types::*;
pub use crate::layers::{
    Activations, AnyOf, FlatParameter, Init, Layer, ParameterSpec, Residual, Same, ShapeRule, Spec,
    Valid,
};
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
        // All layers, by the one list of them; everything else by name.
        let lines = code.lines().filter(|line| line.starts_with("pub use"));
        let all: Vec<&str> = lines.filter(|line| line.ends_with("*;")).collect();
        assert_eq!(all, ["pub use crate::layers::types::*;"]);
        let others = names.iter().filter(|name| **name != "*").count();
        assert!(others <= OTHER_NAMES, "{others} names: {names:?}");
        assert!(names.contains(&"multitask") && names.contains(&"dfdx"));
    }
}
