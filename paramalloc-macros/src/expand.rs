//! The code of a network: constants and reports (`constants`), then the
//! trait implementation.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Fields, Item, ItemStruct, LitStr};

use crate::ast::{Field, Network, Role};
use crate::constants::{self, Constants, after};
use crate::core_path::Core;
use crate::errors::Errors;
use crate::{attr, check, fallback, fields, generic};

pub fn multitask(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let tokens = expand(arguments, item);
    if std::env::var_os("PARAMALLOC_PRINT_EXPANSION").is_some() {
        eprintln!("{tokens}");
    }
    tokens
}

fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
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
    fields::once(&mut item, errors);
    let fields = fields::parse(&mut item, errors);
    Network {
        item,
        arguments,
        fields,
    }
}

fn network(core: &Core, mut network: Network, mut errors: Errors) -> TokenStream {
    check::check(&mut network, &mut errors);
    // The constants are those of the network of the defaults.
    let defaults = generic::defaults(&network.item.generics);
    let constants = defaults.as_ref().map(|_| Constants::of(core, &network));
    let item = &network.item;
    let (implementation, of_all) = match network.heads().next() {
        Some((head, of)) if errors.is_empty() => (
            implementation(core, &network, head),
            generic::implementation(core, &network, (head, of)),
        ),
        _ => (
            fallback::implementation(core, &item.ident, &item.generics),
            None,
        ),
    };
    quote! {
        #errors
        #[allow(dead_code, clippy::type_complexity)]
        #item
        #[allow(dead_code, non_camel_case_types, non_upper_case_globals)]
        const _: () = {
            #defaults
            #constants
            #implementation
        };
        #of_all
    }
}

fn implementation(core: &Core, network: &Network, head: &Field) -> TokenStream {
    let ItemStruct {
        ident: name,
        generics,
        ..
    } = &network.item;
    let text = LitStr::new(&name.to_string(), name.span());
    let below = head.below();
    let fields: Vec<_> = (network.fields.iter())
        .filter(|field| !matches!(field.role, Role::Head(_)))
        .chain(&below)
        .collect();
    let head = constants::head(head);
    let head_ref = constants::reference(&head);
    let values = fields.iter().map(|f| constants::field(f));
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
    let multitask = generics.params.is_empty().then(|| {
        quote! {
            const __fields: &'static [#core::Field] = &[#(#values),*];

            impl #core::Multitask for #name {
                const NETWORK: #core::Network = #core::Network::new(
                    #text,
                    __input,
                    #core::tasks(__tasks, #head_ref),
                    __fields,
                    #head,
                );
            }
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

        #multitask

        impl #core::TypedNetwork for #name {
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
            let keyword = item.to_token_stream().into_iter().next();
            errors.at(keyword, message);
            return quote!(#errors #item);
        }
    };
    match item {
        Item::Enum(item) => errors.at(item.enum_token, message),
        Item::Union(item) => errors.at(item.union_token, message),
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
