//! The macro behind the list of layers.

/// Writes [`Spec`](super::Spec), a variant for each layer, and the matches
/// that call what a layer's file says. Layers without settings are unit
/// variants, and their type is its own description.
macro_rules! layers {
    (
        with settings {
            $($file:ident: $variant:ident($settings:ident) = $($layer:ident),+;)+
        }
        without settings {
            $($unit_file:ident: $unit:ident;)+
        }
    ) => {
        $(pub use $file::{$settings, $($layer),+};)+
        $(pub use $unit_file::$unit;)+

        /// What users write for a layer: all of it is in the prelude.
        pub(crate) mod types {
            $(pub use super::$file::{$($layer),+};)+
            $(pub use super::$unit_file::$unit;)+
        }

        /// What a layer is. It is a constant, so that shapes can be computed
        /// while compiling, through tuples, aliases and a user's own types.
        /// Shapes are checked, parameters are laid out and kernels are chosen
        /// from this description alone.
        #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub enum Spec {
            $(
                #[doc = concat!("See [`", stringify!($settings), "`].")]
                $variant($settings),
            )+
            $(
                #[doc = concat!("See [`", stringify!($unit), "`].")]
                $unit,
            )+
            /// One after the other.
            Sequence(std::borrow::Cow<'static, [Spec]>),
            /// What the first gives, with its input added.
            Residual(std::borrow::Cow<'static, [Spec]>),
            /// Alternatives: the components of a routed field.
            AnyOf(std::borrow::Cow<'static, [Spec]>),
        }

        impl Spec {
            /// The layer's kind, as its type is called.
            pub const fn kind(&self) -> &str {
                match self {
                    $(Spec::$variant(layer) => layer.kind(),)+
                    $(Spec::$unit => $unit.kind(),)+
                    Spec::Sequence(_) => "a stack",
                    Spec::Residual(_) => "Residual",
                    Spec::AnyOf(_) => "AnyOf",
                }
            }

            /// The shape rule of one layer.
            const fn check_layer(&self, input: $crate::network::shape::Dims)
                -> shape_error::Checked<'_>
            {
                match self {
                    $(Spec::$variant(layer) => layer.check(input),)+
                    $(Spec::$unit => $unit.check(input),)+
                    Spec::Sequence(_) | Spec::Residual(_) => shape_error::fits(input),
                    Spec::AnyOf(_) => shape_error::misplaced(input),
                }
            }

            /// What the layer's file says about it; nothing for those that
            /// are made of other layers.
            fn layer(&self) -> Option<&dyn layer_spec::LayerSpec> {
                match self {
                    $(Spec::$variant(layer) => Some(layer),)+
                    $(Spec::$unit => Some(&$unit),)+
                    Spec::Sequence(_) | Spec::Residual(_) | Spec::AnyOf(_) => None,
                }
            }
        }
    };
}
