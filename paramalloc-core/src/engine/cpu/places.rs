//! Where every value of a pass lies: activations of a group one after the
//! other in one vector, in the order of computation.

use std::ops::Range;

use paramalloc_kernels::Geometry;
use paramalloc_kernels::winograd::Winograd;

/// Places of all activations, in lanes, and the sizes of scratch memory.
pub struct Layout {
    /// Input of the network.
    pub input: Range<usize>,
    /// One entry per field of the plan.
    pub fields: Vec<FieldLayout>,
    /// True if something below the heads learns.
    pub wants_features_gradient: bool,
    /// One head per task; all write to the same place.
    pub heads: Vec<OperationLayout>,
    /// Sizes of what a pass needs.
    pub sizes: Sizes,
    /// True if threads without a chunk share the work of some operations.
    pub is_shared: bool,
}

/// Lanes of each part of a workspace.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sizes {
    /// All activations.
    pub activations: usize,
    /// The largest gradient of an operation's or field's input or output.
    pub gradient: usize,
    /// The largest input with borders.
    pub padded: usize,
    /// The largest gradient with borders.
    pub bordered: usize,
    /// The largest input of a transposed convolution with borders.
    pub forward_bordered: usize,
    /// The largest scratch of a weight gradient.
    pub taps: usize,
    /// The largest part of an image that is put together.
    pub spare: usize,
    /// The largest input of a residual.
    pub skip: usize,
    /// The most residuals of a stack inside each other.
    pub skips: usize,
    /// Twice the most channels into a transposed convolution.
    pub channels: usize,
    /// The largest scratch of a convolution by tiles, and of the gradient of
    /// its weights.
    pub tiles: usize,
    pub gradient_tiles: usize,
    /// The largest turned input of one.
    pub turned: usize,
    /// Transformed weights of all of them.
    pub transformed: usize,
}

impl Layout {
    /// True if the gradient of the input of field `f` is wanted, behind the last
    /// field that of the features.
    pub fn wants_gradient_into(&self, f: usize) -> bool {
        let field = self.fields.get(f);
        field.map_or(self.wants_features_gradient, |field| {
            field.wants_input_gradient
        })
    }
}

/// Places of one field.
pub struct FieldLayout {
    /// Input.
    pub input: Range<usize>,
    /// Output; of a shared or private field, that of its stack.
    pub output: Range<usize>,
    /// What a gate reads, then its weights: right behind the output; empty
    /// without gates.
    pub gate: Range<usize>,
    /// One entry per component; those of a private field have the same places.
    pub components: Vec<StackLayout>,
    /// True if something below the field learns from its input's gradient.
    pub wants_input_gradient: bool,
    /// True if the gradients of the components' weights are wanted.
    pub wants_weight_gradient: bool,
}

/// Places of a stack.
pub struct StackLayout {
    /// One entry per operation.
    pub operations: Vec<OperationLayout>,
    /// Output; the input if there is no operation.
    pub output: Range<usize>,
}

/// Places of one operation.
#[derive(Clone)]
pub struct OperationLayout {
    /// Input.
    pub input: Range<usize>,
    /// What a residual adds to the input; empty elsewhere.
    pub skip: Range<usize>,
    /// Residuals whose layers begin with this operation.
    pub opens: usize,
    /// Output.
    pub output: Range<usize>,
    /// What the backward pass needs besides: right behind the output.
    pub kept: Range<usize>,
    /// Its window, where it has one.
    pub geometry: Option<Geometry>,
    /// Its tiles, where it has some.
    pub tiled: Option<TiledConv>,
}

/// A convolution by tiles.
#[derive(Clone)]
pub struct TiledConv {
    /// The way forward.
    pub forward: Winograd,
    /// From the gradient of the output to that of the input.
    pub back: Winograd,
    /// Places of the transformed weights of both.
    pub weights: Range<usize>,
    pub back_weights: Range<usize>,
}

impl OperationLayout {
    /// The window of an operation that has one.
    ///
    /// # Panics
    /// If it has none.
    pub fn window(&self) -> &Geometry {
        self.geometry.as_ref().expect("the layout of a window")
    }
}
