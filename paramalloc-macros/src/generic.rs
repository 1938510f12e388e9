//! Structs with parameters: the network of the defaults is checked while
//! compiling, in constants where the parameters are what the defaults say; the
//! description of all others is written here, and checked where it is used.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Expr, GenericParam, Generics};

use crate::ast::{Field, Head, Network, Role, Routed, Shape, Width, WidthKind};
use crate::constants::text;
use crate::core_path::Core;
use crate::spec::spec;
use crate::tasks;

/// The parameters as what their defaults say; `None` if one has none.
pub fn defaults(generics: &Generics) -> Option<TokenStream> {
    let each = generics.params.iter().map(|parameter| match parameter {
        GenericParam::Const(c) => {
            let (name, ty, default) = (&c.ident, &c.ty, c.default.as_ref()?);
            Some(quote!(const #name: #ty = #default;))
        }
        GenericParam::Type(t) => {
            let (name, default) = (&t.ident, t.default.as_ref()?);
            Some(quote!(type #name = #default;))
        }
        GenericParam::Lifetime(_) => None,
    });
    each.collect()
}

/// `Multitask` for all values of the parameters; `None` if there are none.
pub fn implementation(
    core: &Core,
    network: &Network,
    (field, head): (&Field, &Head),
) -> Option<TokenStream> {
    let generics = &network.item.generics;
    if generics.params.is_empty() {
        return None;
    }
    let (parameters, arguments, _) = generics.split_for_impl();
    let name = &network.item.ident;
    let title = text(name);
    let mut parts = Parts::new(core);
    let below = field.below();
    let fields: Vec<_> = (network.fields.iter())
        .filter(|field| !matches!(field.role, Role::Head(_)))
        .chain(&below)
        .filter_map(|field| parts.field(field))
        .collect();
    let input = shape(core, &network.arguments.input.as_ref()?.shape);
    let tasks = option(core, network.arguments.tasks.as_ref());
    let (head_type, width) = (field.ty.as_ref()?, head.width.as_ref()?);
    let argument = text(&width.argument);
    let head = parts.head(field, head)?;
    let Parts {
        declared, given, ..
    } = parts;
    let core = core.path();
    Some(quote! {
        #[allow(dead_code, non_upper_case_globals)]
        const _: () = {
            trait __Parts {
                #declared
                const __fields: &'static [#core::Field];
                const __head: #core::Head;
                const __head_ref: &'static #core::Head;
            }

            impl #parameters __Parts for #name #arguments {
                #given
                const __fields: &'static [#core::Field] = &[#(#fields),*];
                const __head: #core::Head = #head;
                const __head_ref: &'static #core::Head = &<Self as __Parts>::__head;
            }

            impl #parameters #core::Multitask for #name #arguments {
                const NETWORK: #core::Network = {
                    let head = <Self as __Parts>::__head_ref;
                    let layer = <#head_type as #core::HeadLayer>::HEAD;
                    #core::report_head_width(head, layer, #argument);
                    #core::report_outputs(head, #tasks, #argument);
                    #core::generic(
                        #title,
                        #input,
                        #tasks,
                        <Self as __Parts>::__fields,
                        <Self as __Parts>::__head,
                    )
                };
            }
        };
    })
}

/// Constants that lie behind references in others.
struct Parts<'a> {
    core: &'a Core,
    declared: TokenStream,
    given: TokenStream,
}

impl<'a> Parts<'a> {
    fn new(core: &'a Core) -> Self {
        Self {
            core,
            declared: TokenStream::new(),
            given: TokenStream::new(),
        }
    }

    /// A constant of this name; how the others name it.
    fn push(&mut self, name: String, ty: TokenStream, value: TokenStream) -> TokenStream {
        let name = format_ident!("{name}");
        self.declared.extend(quote!(const #name: #ty;));
        self.given.extend(quote!(const #name: #ty = #value;));
        quote!(<Self as __Parts>::#name)
    }

    fn field(&mut self, field: &Field) -> Option<TokenStream> {
        let core = self.core.path();
        let (name, spec) = (text(&field.name), spec(&core, field.ty.as_ref()?));
        let sharing = match &field.role {
            Role::Routed(routed) => self.routed(field, routed),
            Role::Private => quote!(#core::Sharing::Private),
            _ => quote!(#core::Sharing::Shared),
        };
        let spec = self.push(format!("__spec_{}", field.index), quote!(#core::Spec), spec);
        Some(quote!(#core::Field::new(#name, #spec, #sharing)))
    }

    fn routed(&mut self, field: &Field, routed: &Routed) -> TokenStream {
        let core = self.core.path();
        let copies = routed.copies.as_ref();
        let copies = copies.map_or(quote!(1), |copies| quote!(#copies));
        if routed.gate {
            let private = routed.private.as_ref();
            let private = private.map_or(quote!(0), |private| quote!(#private));
            return quote!(#core::Sharing::Gated { copies: #copies, private: #private });
        }
        if let Some(of) = &routed.router_of {
            let of = text(of);
            let of = quote!(#core::Cow::Borrowed(#of));
            return quote!(#core::Sharing::RoutedWith { copies: #copies, router_of: #of });
        }
        let router = match &routed.router {
            Some(router) => {
                let ty = quote!(#core::Option<&'static dyn #core::Router>);
                let value = quote!(#core::Some(&#router));
                let router = self.push(format!("__router_{}", field.index), ty, value);
                quote!(#core::own_router(#router))
            }
            None => quote!(#core::None),
        };
        quote!(#core::Sharing::Routed { copies: #copies, router: #router })
    }

    fn head(&mut self, field: &Field, head: &Head) -> Option<TokenStream> {
        let core = self.core.path();
        let (name, ty) = (text(&field.name), field.ty.as_ref()?);
        let layer = quote!(<#ty as #core::HeadLayer>::HEAD);
        let (input, layer_kind) = (quote!(#layer.input), quote!(#layer.kind));
        let Width { kind, .. } = head.width.as_ref()?;
        let outputs = match kind {
            WidthKind::Tasks(listed) => {
                let each = listed.tasks.iter().map(|task| {
                    let [width, loss] = tasks::outputs(self.core, task);
                    quote!(#core::TaskOutputs::new(#width, #loss))
                });
                let (ty, value) = (quote!(&'static [#core::TaskOutputs]), quote!(&[#(#each),*]));
                let listed = self.push("__tasks".to_string(), ty, value);
                return Some(
                    quote!(#core::Head::of_tasks(#name, #input, #listed).of_kind(#layer_kind)),
                );
            }
            WidthKind::FromData if head.loss.is_none() => {
                return Some(quote!(#core::Head::from_data(#name, #input).of_kind(#layer_kind)));
            }
            WidthKind::Equal(width) => quote!(#core::Outputs::Equal(#width)),
            WidthKind::PerTask(widths) => {
                quote!(#core::Outputs::PerTask(#core::Cow::Borrowed(&#widths)))
            }
            WidthKind::ClassesFromData | WidthKind::FromData => quote!(#core::Outputs::FromData),
        };
        let outputs = self.push("__outputs".to_string(), quote!(#core::Outputs), outputs);
        let loss = match &head.loss {
            Some(loss) => tasks::loss(self.core, loss),
            None => quote!(#core::Loss::SoftmaxCrossEntropy),
        };
        Some(quote!(#core::Head::new(#name, #input, #outputs, #loss).of_kind(#layer_kind)))
    }
}

/// The shape of one example.
fn shape(core: &Core, shape: &Shape) -> TokenStream {
    let core = core.path();
    match shape {
        Shape::Features(number) => quote!(#core::Dims::features(#number)),
        Shape::Image(numbers) => {
            let numbers = numbers.iter();
            quote!(#core::Dims::image(#(#numbers),*))
        }
        Shape::Constant(constant) => quote!(#core::InputShape(#constant).dims()),
    }
}

fn option(core: &Core, value: Option<&Expr>) -> TokenStream {
    let core = core.path();
    match value {
        Some(value) => quote!(#core::Some(#value)),
        None => quote!(#core::None),
    }
}
