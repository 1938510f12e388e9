//! The code of a network: constants and reports (`constants`), then the
//! trait implementation.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Fields, Item, ItemStruct, LitStr};

use crate::ast::{Field, Network, Role};
use crate::constants::{Constants, after, field, head};
use crate::core_path::Core;
use crate::errors::Errors;
use crate::{attr, check, fallback};

pub fn multitask(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let core = Core::find();
    let mut errors = Errors::default();
    match syn::parse2(item) {
        Ok(Item::Struct(item)) if matches!(item.fields, Fields::Named(_)) => {
            network(&core, parse(arguments, item, &mut errors), errors)
        }
        Ok(item) => not_a_network(&core, &item, errors),
        Err(error) => error.to_compile_error(),
    }
}

fn parse(arguments: TokenStream, mut item: ItemStruct, errors: &mut Errors) -> Network {
    let arguments = attr::arguments(arguments, errors);
    let fields = (item.fields.iter_mut())
        .filter_map(|field| {
            Some(Field {
                role: attr::role(&mut field.attrs, errors),
                name: field.ident.clone()?,
                ty: field.ty.clone(),
            })
        })
        .collect();
    Network {
        item,
        arguments,
        fields,
    }
}

fn network(core: &Core, mut network: Network, mut errors: Errors) -> TokenStream {
    check::check(&mut network, &mut errors);
    let constants = Constants::of(core, &network);
    let implementation = match errors.len() {
        0 => implementation(core, &network),
        _ => fallback::implementation(core, &network.item.ident, &network.item.generics),
    };
    let item = &network.item;
    quote! {
        #errors
        #[allow(dead_code)]
        #item
        #[allow(dead_code, non_camel_case_types, non_upper_case_globals)]
        const _: () = {
            #constants
            #implementation
        };
    }
}

fn implementation(core: &Core, network: &Network) -> TokenStream {
    let name = &network.item.ident;
    let text = LitStr::new(&name.to_string(), name.span());
    let fields: Vec<_> = (network.fields.iter())
        .filter(|field| !matches!(field.role, Role::Head(_)))
        .collect();
    let (last, _) = network.heads().next().expect("checked");
    let head = head(last);
    let constants = fields.iter().map(|f| field(f));
    let shapes: Vec<_> = fields.iter().map(|f| after(f)).collect();
    let features = shapes.last().map_or(quote!(__input), |s| quote!(#s));
    let core = core.path();
    let aliases = shapes.iter().map(|shape| {
        quote! {
            type #shape = <#core::Batch<
                { #shape.output.is_image },
                { #shape.output.channels },
                { #shape.output.height },
                { #shape.output.width },
            > as #core::BatchShape>::Shape;
        }
    });
    quote! {
        type __input = <#core::Batch<
            { __input.is_image },
            { __input.channels },
            { __input.height },
            { __input.width },
        > as #core::BatchShape>::Shape;
        #(#aliases)*

        impl #core::Multitask for #name {
            const NAME: &'static #core::str = #text;
            const INPUT: #core::Dims = __input;
            const TASKS: #core::Option<#core::usize> = #core::tasks(__tasks, &#head);
            const FIELDS: &'static [#core::Field] = &[#(#constants),*];
            const HEAD: #core::Head = #head;
            type Input = __input;
            type Features = #features;

            fn forward<D: #core::Device, T: #core::Tape<#core::f32, D> + 'static>(
                x: #core::Tensor<__input, #core::f32, D, T>,
                pass: &mut #core::Pass<'_, D>,
            ) -> #core::Tensor<#features, #core::f32, D, T> {
                #(let x: #core::Tensor<#shapes, #core::f32, D, T> = pass.field(x);)*
                x
            }
        }
    }
}

fn not_a_network(core: &Core, item: &Item, mut errors: Errors) -> TokenStream {
    let message = "a network is a struct with one named field per layer; write `struct Net { conv1: .., head: .. }`";
    let (name, generics) = match item {
        Item::Struct(item) => (&item.ident, &item.generics),
        Item::Enum(item) => (&item.ident, &item.generics),
        Item::Union(item) => (&item.ident, &item.generics),
        _ => {
            errors.at_attribute(message);
            return quote!(#errors #item);
        }
    };
    match item {
        Item::Enum(item) => errors.at(item.enum_token, message),
        Item::Union(item) => errors.at(item.union_token, message),
        Item::Struct(item) if matches!(item.fields, Fields::Unnamed(_)) => {
            errors.at(&item.fields, message);
        }
        _ => errors.at(name, message),
    }
    let implementation = fallback::implementation(core, name, generics);
    let item = fallback::without_attributes(item.clone());
    quote! {
        #errors
        #[allow(dead_code)]
        #item
        #implementation
    }
}
