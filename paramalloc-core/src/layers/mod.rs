//! What a stack is made of. A layer is a type without values: its constants
//! say what it is, and the parameters live in the model.
//!
//! Shapes are those of one example; the batch comes before them.

pub mod check;
pub mod custom;
pub mod message;
mod name;
pub mod spec;

use std::borrow::Cow;
use std::marker::PhantomData;

pub use custom::CustomLayer;
pub use spec::{Conv, Init, ParameterSpec, Pool, PoolKind, ShapeRule, Spec};

use crate::network::shape::Padding;

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

/// A tuple of layers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of layers",
    label = "not a tuple of layers",
    note = "write the alternatives as a tuple of up to 16 layers: `AnyOf<(A, B, C)>`"
)]
pub trait Layers {
    /// The layers, in order.
    const SPECS: &'static [Spec];
}

macro_rules! tuple {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: Layer),+> Layers for ($($name,)+) {
            const SPECS: &'static [Spec] = &[$($name::SPEC),+];
        }
        #[diagnostic::do_not_recommend]
        impl<$($name: Layer),+> Layer for ($($name,)+) {
            const SPEC: Spec = Spec::Sequence(Cow::Borrowed(<Self as Layers>::SPECS));
        }
    };
}
tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
tuple!(A B C D E F G);
tuple!(A B C D E F G H);
tuple!(A B C D E F G H I);
tuple!(A B C D E F G H I J);
tuple!(A B C D E F G H I J K);
tuple!(A B C D E F G H I J K L);
tuple!(A B C D E F G H I J K L M);
tuple!(A B C D E F G H I J K L M N);
tuple!(A B C D E F G H I J K L M N O);
tuple!(A B C D E F G H I J K L M N O P);

/// Alternatives side by side: the components of a routed field. All take the
/// same input and give the same output shape.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnyOf<T>(PhantomData<T>);

impl<T: Layers> Layer for AnyOf<T> {
    const SPEC: Spec = Spec::AnyOf(Cow::Borrowed(T::SPECS));
}

/// Treatment of an image's borders, as a type: [`Valid`] or [`Same`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a padding",
    label = "write `Valid` or `Same`"
)]
pub trait PaddingType {
    /// The padding.
    const PADDING: Padding;
}

/// No padding.
#[derive(Clone, Copy, Debug, Default)]
pub struct Valid;

/// Output `ceil(size / stride)`, the smaller half of the padding before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Same;

impl PaddingType for Valid {
    const PADDING: Padding = Padding::Valid;
}

impl PaddingType for Same {
    const PADDING: Padding = Padding::Same;
}

/// Convolution with bias: `IN x H x W` to `OUT x H' x W'`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conv2D<
    const IN: usize,
    const OUT: usize,
    const KERNEL: usize,
    const STRIDE: usize = 1,
    P = Valid,
>(PhantomData<P>);

impl<const I: usize, const O: usize, const K: usize, const S: usize, P: PaddingType> Layer
    for Conv2D<I, O, K, S, P>
{
    const SPEC: Spec = <RectConv2D<I, O, K, K, S, P> as Layer>::SPEC;
}

/// [`Conv2D`] with a kernel of `ROWS x COLUMNS`.
#[derive(Clone, Copy, Debug, Default)]
pub struct RectConv2D<
    const IN: usize,
    const OUT: usize,
    const ROWS: usize,
    const COLUMNS: usize,
    const STRIDE: usize = 1,
    P = Valid,
>(PhantomData<P>);

impl<const I: usize, const O: usize, const R: usize, const C: usize, const S: usize, P: PaddingType>
    Layer for RectConv2D<I, O, R, C, S, P>
{
    const SPEC: Spec = Spec::Conv2D(Conv {
        input: I,
        output: O,
        kernel_height: R,
        kernel_width: C,
        stride: S,
        padding: P::PADDING,
    });
}

/// Mean of each window; padding does not count. The stride is the kernel
/// unless given (dfdx has 1 there).
#[derive(Clone, Copy, Debug, Default)]
pub struct AvgPool2D<const KERNEL: usize, const STRIDE: usize = KERNEL, P = Valid>(PhantomData<P>);

impl<const K: usize, const S: usize, P: PaddingType> Layer for AvgPool2D<K, S, P> {
    const SPEC: Spec = pool(PoolKind::Average, K, S, P::PADDING);
}

/// Maximum of each window; padding does not count. The stride is the kernel
/// unless given (dfdx has 1 there). A tie sends its gradient to the first
/// cell in row order.
#[derive(Clone, Copy, Debug, Default)]
pub struct MaxPool2D<const KERNEL: usize, const STRIDE: usize = KERNEL, P = Valid>(PhantomData<P>);

impl<const K: usize, const S: usize, P: PaddingType> Layer for MaxPool2D<K, S, P> {
    const SPEC: Spec = pool(PoolKind::Max, K, S, P::PADDING);
}

const fn pool(kind: PoolKind, kernel: usize, stride: usize, padding: Padding) -> Spec {
    Spec::Pool2D(Pool {
        kind,
        kernel,
        stride,
        padding,
    })
}

/// Group normalisation with scale and shift per channel: over each group's
/// channels and all positions, biased variance, epsilon 1e-6.
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupNorm<const CHANNELS: usize, const GROUPS: usize>;

impl<const C: usize, const G: usize> Layer for GroupNorm<C, G> {
    const SPEC: Spec = Spec::GroupNorm {
        channels: C,
        groups: G,
    };
}

/// `y = W x + b`: `IN` features to `OUT` features.
#[derive(Clone, Copy, Debug, Default)]
pub struct Linear<const IN: usize, const OUT: usize>;

impl<const I: usize, const O: usize> Layer for Linear<I, O> {
    const SPEC: Spec = Spec::Linear {
        input: I,
        output: O,
    };
}

/// The head of a network whose tasks differ in width: `IN` features to as
/// many outputs as each task has. Use [`Linear`] where the width is the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct PerTaskLinear<const IN: usize>;

/// The layer of a network's last field: [`Linear`] or [`PerTaskLinear`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a head",
    label = "not a head",
    note = "write `Linear<IN, OUT>` where all tasks have the same width, else `PerTaskLinear<IN>`"
)]
pub trait HeadLayer {
    /// What the head is.
    const HEAD: HeadSpec;
}

/// What a head is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadSpec {
    /// Features in.
    pub input: usize,
    /// Width, if it is the same for all tasks.
    pub width: Option<usize>,
}

impl<const I: usize, const O: usize> HeadLayer for Linear<I, O> {
    const HEAD: HeadSpec = HeadSpec {
        input: I,
        width: Some(O),
    };
}

impl<const I: usize> HeadLayer for PerTaskLinear<I> {
    const HEAD: HeadSpec = HeadSpec {
        input: I,
        width: None,
    };
}

/// `max(0, x)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReLU;

impl Layer for ReLU {
    const SPEC: Spec = Spec::ReLU;
}

/// While training, zeroes a value with probability `1 / N` and scales the
/// kept ones by `1 / (1 - 1 / N)`; at evaluation the identity.
#[derive(Clone, Copy, Debug, Default)]
pub struct DropoutOneIn<const N: usize>;

impl<const N: usize> Layer for DropoutOneIn<N> {
    const SPEC: Spec = Spec::Dropout { one_in: N };
}

/// Dropout 0.5.
pub type Dropout = DropoutOneIn<2>;

/// Image to features, in the order channel, row, column.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flatten2D;

impl Layer for Flatten2D {
    const SPEC: Spec = Spec::Flatten2D;
}

/// The input, unchanged.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity;

impl Layer for Identity {
    const SPEC: Spec = Spec::Identity;
}
