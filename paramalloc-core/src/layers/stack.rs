//! Layers one after the other, and side by side.

use std::borrow::Cow;
use std::marker::PhantomData;

use super::{Layer, Spec};

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
///
/// ```
/// use paramalloc_core::prelude::*;
///
/// #[multitask(input = (8, 7, 7))]
/// struct Net {
///     #[routed(2)]
///     block: AnyOf<(Conv2D<8, 8, 3, 1, Same>, Conv2D<8, 8, 5, 1, Same>)>,
///     pool: GlobalAvgPool2D,
///     #[head(classes = 5)]
///     head: Linear<8, 5>,
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct AnyOf<T>(PhantomData<T>);

impl<T: Layers> Layer for AnyOf<T> {
    const SPEC: Spec = Spec::AnyOf(Cow::Borrowed(T::SPECS));
}
