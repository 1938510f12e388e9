//! What a stack is made of. A layer is a type without values: its constants
//! say what it is, and the parameters live in the model.
//!
//! Shapes are those of one example; the batch comes before them.
//!
//! There is no batch normalization on purpose: a component sees the examples
//! of the tasks that use it, in groups, so no layer may mix the examples of a
//! batch. [`GroupNorm`], [`LayerNorm`] and [`InstanceNorm`] take its place.
//!
//! Each layer has a file here, and a line in the list below.

mod any_device;
pub mod check;
mod conv;
mod conv_transpose;
mod cow;
mod custom;
mod dilated_conv;
mod dropout;
mod elementwise;
mod embedding;
mod flatten;
mod gelu;
mod global_pool;
mod group_norm;
mod grouped_conv;
mod has_parameters;
mod head;
mod identity;
mod instance_norm;
mod layer_norm;
mod layer_spec;
mod leaky_relu;
mod linear;
#[macro_use]
mod list;
pub mod message;
mod one_dimension;
pub mod operation;
mod padding;
mod parameter;
mod pool;
mod relu;
mod residual;
pub mod shape_error;
mod sigmoid;
mod silu;
mod softplus;
mod spec;
mod stack;
mod tanh;
mod upsample;
mod window;

pub use any_device::{Activations, AnyDeviceLayer, AnyElementwise, FlatParameter};
pub(crate) use cow::{items, text};
pub use custom::ShapeRule;
pub use elementwise::ElementwiseLayer;
pub(crate) use has_parameters::has_parameters;
pub use head::{HeadKind, HeadLayer, HeadSpec};
pub use one_dimension::AxisKind;
pub use operation::{PoolKind, UpsampleKind};
pub use padding::{PaddingType, Same, Valid};
pub use parameter::{Init, ParameterSpec};
pub use residual::Residual;
pub(crate) use residual::{Projection, projection};
pub use stack::{AnyOf, Layers};
pub use upsample::UpsampleMode;
pub use window::Window;

/// A layer, or a stack of layers as a tuple.
///
/// Implement it for a layer of your own together with [`CustomLayer`]:
/// `impl Layer for Mine { const SPEC: Spec = Spec::custom::<Mine>(); }`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "not a layer",
    note = "write a layer of `paramalloc_core::layers`, a tuple of up to 16 layers, or implement `CustomLayer` and `Layer` for your type"
)]
pub trait Layer {
    /// What the layer is.
    const SPEC: Spec;
}

// A line is `file: Variant(Settings) = what users write;`. The variant is how a stored
// network names the layer. A layer without settings is a type and a unit
// variant of the same name.
layers! {
    with settings {
        conv: Conv2D(Conv) = Conv2D, RectConv2D, PerTaskConv2D;
        conv_transpose: ConvTranspose2D(ConvTranspose) = ConvTranspose2D;
        custom: Custom(Custom) = CustomLayer;
        dilated_conv: DilatedConv2D(DilatedConv) = DilatedConv2D;
        dropout: Dropout(DropoutSpec) = Dropout, DropoutOneIn;
        embedding: Embedding(EmbeddingSpec) = Embedding;
        group_norm: GroupNorm(GroupNormSpec) = GroupNorm;
        grouped_conv: GroupedConv2D(GroupedConv) = GroupedConv2D, DepthwiseConv2D;
        instance_norm: InstanceNorm(InstanceNormSpec) = InstanceNorm;
        layer_norm: LayerNorm(LayerNormSpec) = LayerNorm;
        linear: Linear(LinearSpec) = Linear, PerTaskLinear;
        one_dimension: Along(AlongAxis) = Conv1D, AvgPool1D, MaxPool1D;
        pool: Pool2D(Pool) = AvgPool2D, MaxPool2D;
        upsample: Upsample2D(Upsample) = Upsample2D, Nearest, Bilinear;
    }
    without settings {
        flatten: Flatten2D;
        gelu: GELU;
        global_pool: GlobalAvgPool2D;
        identity: Identity;
        leaky_relu: LeakyReLU;
        relu: ReLU;
        sigmoid: Sigmoid;
        silu: SiLU;
        softplus: Softplus;
        tanh: Tanh;
    }
}
