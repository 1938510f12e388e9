//! What is written besides the errors: enough for the rest of the user's
//! program to compile.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Generics, Ident, Item};

use crate::attr;
use crate::core_path::Core;

/// An item without our attributes on its fields.
pub fn without_attributes(mut item: Item) -> TokenStream {
    let strip = |attributes: &mut Vec<syn::Attribute>| {
        attributes.retain(|attribute| !attr::is_ours(attribute));
    };
    match &mut item {
        Item::Struct(item) => item.fields.iter_mut().for_each(|f| strip(&mut f.attrs)),
        Item::Union(item) => item
            .fields
            .named
            .iter_mut()
            .for_each(|f| strip(&mut f.attrs)),
        _ => {}
    }
    item.into_token_stream()
}

/// A network of one feature and nothing else.
pub fn implementation(core: &Core, name: &Ident, generics: &Generics) -> TokenStream {
    let core = core.path();
    let (parameters, arguments, _) = generics.split_for_impl();
    let bounds: Vec<_> = (generics.where_clause.iter())
        .flat_map(|w| &w.predicates)
        .collect();
    let text = name.to_string();
    quote! {
        impl #parameters #core::Multitask for #name #arguments
        where
            Self: 'static, #(#bounds),*
        {
            const NETWORK: #core::Network = #core::one_feature(#text);
        }

        impl #parameters #core::TypedNetwork for #name #arguments
        where
            Self: 'static, #(#bounds),*
        {
            type Input = #core::OneFeature;
            type Features = #core::OneFeature;

            fn forward<D: #core::Device, T: #core::Tape<#core::f32, D> + 'static>(
                x: #core::Tensor<Self::Input, #core::f32, D, T>,
                _: &mut #core::Pass<'_, D>,
            ) -> #core::Tensor<Self::Features, #core::f32, D, T> {
                x
            }
        }
    }
}
