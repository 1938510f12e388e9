//! What a field's type is, and which types it is written of.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericArgument, PathArguments, Type};

use crate::groups;

/// What a field's type is. A tuple is taken apart here, so that an element
/// that is no layer is underlined alone.
pub fn spec(core: &TokenStream, ty: &Type) -> TokenStream {
    match groups::ty(ty) {
        Type::Tuple(tuple) if !tuple.elems.is_empty() => {
            let specs = tuple.elems.iter().map(|ty| spec(core, ty));
            quote!(#core::Spec::Sequence(#core::Cow::Borrowed(&[#(#specs),*])))
        }
        _ => quote!(<#ty as #core::Layer>::SPEC),
    }
}

/// The types that a field's type is written of, each with an error place of
/// its own: the elements of a tuple, of an `AnyOf` or of a `Residual`, or the type itself.
pub fn parts(ty: &Type) -> Vec<&Type> {
    match groups::ty(ty) {
        Type::Tuple(tuple) if !tuple.elems.is_empty() => tuple.elems.iter().collect(),
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "AnyOf" || last.ident == "Residual" => {
                match &last.arguments {
                    PathArguments::AngleBracketed(list) => match list.args.first() {
                        Some(GenericArgument::Type(Type::Tuple(tuple))) => {
                            tuple.elems.iter().collect()
                        }
                        _ => vec![ty],
                    },
                    _ => vec![ty],
                }
            }
            _ => vec![ty],
        },
        _ => vec![ty],
    }
}
