//! The constants of a network: what each field is, the shape after it, and
//! the reports, which stop the compiler at the user's tokens.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Expr, Type};

use crate::ast::{Field, Head, Input, Network, Role, Routed, Shape, Tasks, Width, WidthKind};
use crate::core_path::Core;
use crate::spec::{parts, spec};
use crate::tasks;

pub struct Constants<'a> {
    core: &'a Core,
    tokens: TokenStream,
    /// The shape that reaches the next field.
    shape: TokenStream,
    /// Name of the field that gives it, as an option.
    before: TokenStream,
    /// The shape that reaches the first of the fields in `chain`.
    start: TokenStream,
    /// What the fields of the current chain are.
    chain: Vec<TokenStream>,
    /// Chains that are complete.
    links: usize,
    /// The fields so far: name, and the constant that refers to it.
    known: Vec<(&'a Ident, Ident)>,
}

/// Fields whose shapes are computed from that of the field before, each in a
/// constant of its own: the compiler does not follow a longer chain than its
/// recursion limit, 128.
const CHAIN: usize = 32;

/// Name of the constant that says what a field is.
pub fn field(field: &Field) -> Ident {
    format_ident!("__field_{}", field.index)
}

/// Name of the constant that refers to the one of this name: what has
/// something to drop can be moved into another constant, or read by way of a
/// reference.
pub fn reference(name: &Ident) -> Ident {
    format_ident!("{name}_ref")
}

/// Name of the constant, and of the type, of the shape after a field.
pub fn after(field: &Field) -> Ident {
    format_ident!("__after_{}", field.index)
}

/// Name of the constant that says what the head is.
pub fn head(field: &Field) -> Ident {
    format_ident!("__head_{}", field.index)
}

impl<'a> Constants<'a> {
    pub fn of(core: &'a Core, network: &'a Network) -> TokenStream {
        let path = core.path();
        let mut constants = Self {
            core,
            tokens: TokenStream::new(),
            shape: quote!(__input),
            before: quote!(#path::None),
            start: quote!(__input),
            chain: Vec::new(),
            links: 0,
            known: Vec::new(),
        };
        constants.input(network.arguments.input.as_ref());
        constants.tasks(network);
        for field in &network.fields {
            match &field.role {
                Role::Head(head) => {
                    if let Some(below) = field.below() {
                        constants.field(&below);
                    }
                    constants.head(field, head);
                }
                _ => {
                    constants.field(field);
                    constants.known(field);
                }
            }
        }
        constants.tokens
    }

    fn input(&mut self, input: Option<&Input>) {
        let core = self.core.path();
        let shape = match input.map(|input| &input.shape) {
            None => quote!(#core::Dims::UNKNOWN),
            Some(Shape::Features(number)) => quote!(#core::Dims::features(#number)),
            Some(Shape::Image(numbers)) => {
                let numbers = numbers.iter();
                quote!(#core::Dims::image(#(#numbers),*))
            }
            Some(Shape::Constant(constant)) => {
                let (place, _) = ends(constant);
                quote_spanned!(place=> #core::InputShape(#constant).dims())
            }
        };
        self.push(quote!(const __input: #core::Dims = #shape;));
        if let Some(input) = input {
            self.report("report_input", quote!(__input), &input.expr);
        }
    }

    fn tasks(&mut self, network: &Network) {
        let core = self.core.path();
        let tasks = match &network.arguments.tasks {
            Some(tasks) => quote!(#core::Some(#tasks)),
            None => quote!(#core::None),
        };
        self.push(quote!(const __tasks: #core::Option<#core::usize> = #tasks;));
        if let Some(tasks) = &network.arguments.tasks {
            self.report("report_tasks", quote!(__tasks), tasks);
        }
    }

    fn field(&mut self, field: &Field) {
        let core = self.core.path();
        let Some(ty) = &field.ty else {
            self.shape = quote!(#core::Dims::UNKNOWN);
            self.start_chain();
            return;
        };
        if self.chain.len() == CHAIN {
            self.link();
        }
        let (constant, after) = (self::field(field), after(field));
        let (reference, spec_of) = (reference(&constant), format_ident!("{constant}_spec"));
        let (name, shape) = (text(&field.name), self.shape.clone());
        let spec = spec(&core, ty);
        let router = format_ident!("{constant}_router");
        let sharing = self.sharing(&router, &field.role);
        self.push(quote! {
            const #spec_of: #core::Spec = #spec;
            const #constant: #core::Field =
                #core::Field::new(#name, #spec_of, #core::Sharing::#sharing);
            const #reference: &#core::Field = &#constant;
            const #after: #core::Checked<'static> = #core::check(&#reference.spec, #shape);
        });
        let (parts, before) = (parts(ty), self.before.clone());
        let len = parts.len();
        for (part, ty) in parts.into_iter().enumerate() {
            let arguments = quote!(#name, #before, &#after, #part, #len);
            self.report("report_shape", arguments, ty);
        }
        match &field.role {
            Role::Shared | Role::Private => {
                self.report("report_unrouted", quote!(#reference), ty);
            }
            Role::Routed(routed) => self.routed(&reference, &after, ty, routed),
            Role::Head(_) | Role::Unclear => {}
        }
        self.shape = quote!(#after.output);
        self.before = quote!(#core::Some(#name));
        self.chain.push(quote!(&#reference.spec));
    }

    /// Lets fields below name this one.
    fn known(&mut self, field: &'a Field) {
        if field.ty.is_some() && !matches!(field.role, Role::Unclear) {
            self.known
                .push((&field.name, reference(&self::field(field))));
        }
    }

    /// Reports what the components of a routed field may have wrong.
    fn routed(&mut self, field: &Ident, after: &Ident, ty: &Type, routed: &Routed) {
        let copies = match (&routed.copies, &routed.private) {
            (Some(copies), _) => {
                self.report("report_copies", quote!(#field), copies);
                Some(copies)
            }
            (None, private) => {
                let place = routed.attribute.path();
                self.report("report_alternatives", quote!(#field, &#after), place);
                private.as_ref()
            }
        };
        if let Some(copies) = copies {
            let shape = &self.shape;
            self.report("report_equal_copies", quote!(#field, #shape), copies);
        }
        if routed.gate {
            self.report("report_gated_embedding", quote!(#field), ty);
        }
        if let Some(of) = &routed.router_of
            && let Some((_, owner)) = self.known.iter().find(|(name, _)| *name == of)
        {
            let arguments = quote!(#field, #owner);
            self.report("report_shared_router", arguments, of);
        }
    }

    /// Writes the shape after the current chain as a constant that does not
    /// depend on those inside of it.
    fn link(&mut self) {
        let core = self.core.path();
        let (start, specs) = (&self.start, &self.chain);
        self.links += 1;
        let link = format_ident!("__link_{}", self.links);
        let value = quote!(#core::output(#start, &[#(#specs),*]));
        self.push(quote!(const #link: #core::Dims = #value;));
        self.shape = quote!(#link);
        self.start_chain();
    }

    fn start_chain(&mut self) {
        self.start = self.shape.clone();
        self.chain.clear();
    }

    fn head(&mut self, field: &Field, head: &Head) {
        let core = self.core.path();
        let Some(ty) = &field.ty else {
            return;
        };
        let (constant, name) = (self::head(field), text(&field.name));
        // The last layer of several has a number, as in its parameters' paths.
        let layer_name = match head.below.len() {
            0 => name.clone(),
            number => format!("{name}.{number}"),
        };
        let reference = reference(&constant);
        let layer = format_ident!("{constant}_spec");
        self.push(quote!(const #layer: #core::HeadSpec = <#ty as #core::HeadLayer>::HEAD;));
        let (shape, before) = (&self.shape, &self.before);
        let arguments = quote!(#layer_name, #before, #layer, #shape);
        self.report("report_head_input", arguments, ty);
        let Some(width) = &head.width else {
            return;
        };
        let value = self.head_value(&constant, &layer, (&name, width), head.loss.as_ref());
        self.push(quote! {
            const #constant: #core::Head = #value;
            const #reference: &#core::Head = &#constant;
        });
        let argument = text(&width.argument);
        let arguments = quote!(#reference, #layer, #argument);
        self.report("report_head_width", arguments, ty);
        let value = match &width.kind {
            WidthKind::Equal(value) | WidthKind::PerTask(value) => value,
            WidthKind::Tasks(tasks) => &tasks.list,
            WidthKind::ClassesFromData | WidthKind::FromData => return,
        };
        let arguments = quote!(#reference, __tasks, #argument);
        self.report("report_outputs", arguments, value);
    }

    /// The head itself; what it is made of become constants of their own.
    fn head_value(
        &mut self,
        constant: &Ident,
        layer: &Ident,
        (name, width): (&str, &Width),
        loss: Option<&Expr>,
    ) -> TokenStream {
        let core = self.core.path();
        let outputs = match &width.kind {
            WidthKind::Equal(n) => quote!(Equal(#n)),
            WidthKind::PerTask(widths) => quote!(PerTask(#core::Cow::Borrowed(&#widths))),
            WidthKind::Tasks(tasks) => {
                let tasks = self.tasks_of_head(constant, tasks);
                return quote! {
                    #core::Head::of_tasks(#name, #layer.input, #tasks).of_kind(#layer.kind)
                };
            }
            WidthKind::FromData if loss.is_none() => {
                return quote! {
                    #core::Head::from_data(#name, #layer.input).of_kind(#layer.kind)
                };
            }
            WidthKind::ClassesFromData | WidthKind::FromData => quote!(FromData),
        };
        let loss = match loss {
            Some(loss) => tasks::loss(self.core, loss),
            None => quote!(#core::Loss::SoftmaxCrossEntropy),
        };
        let outputs_of = format_ident!("{constant}_outputs");
        let loss_of = format_ident!("{constant}_loss");
        self.push(quote! {
            const #outputs_of: #core::Outputs = #core::Outputs::#outputs;
            const #loss_of: #core::Loss = #loss;
        });
        quote! {
            #core::Head::new(#name, #layer.input, #outputs_of, #loss_of).of_kind(#layer.kind)
        }
    }

    /// The constant with the width and the loss of each task.
    fn tasks_of_head(&mut self, constant: &Ident, tasks: &Tasks) -> Ident {
        let core = self.core.path();
        let mut values = Vec::new();
        for (index, task) in tasks.tasks.iter().enumerate() {
            let [width, loss] = tasks::outputs(self.core, task);
            let loss_of = format_ident!("{constant}_loss_{index}");
            let reference = reference(&loss_of);
            self.push(quote! {
                const #loss_of: #core::Loss = #loss;
                const #reference: &#core::Loss = &#loss_of;
            });
            if let Some(loss) = &task.loss {
                let kind = text(&task.kind);
                self.report("report_task_loss", quote!(#reference, #kind), loss);
            }
            values.push(quote!(#core::TaskOutputs::new(#width, #loss_of)));
        }
        let all = format_ident!("{constant}_tasks");
        self.push(quote!(const #all: &'static [#core::TaskOutputs] = &[#(#values),*];));
        all
    }

    /// Who uses a field; a router of its own becomes the constant `constant`.
    fn sharing(&mut self, constant: &Ident, role: &Role) -> TokenStream {
        let routed = match role {
            Role::Routed(routed) => routed,
            Role::Private => return quote!(Private),
            _ => return quote!(Shared),
        };
        let core = self.core.path();
        let copies = match &routed.copies {
            Some(copies) => quote!(#copies),
            None => quote!(1),
        };
        if routed.gate {
            let private = routed.private.as_ref();
            let private = private.map_or(quote!(0), |private| quote!(#private));
            return quote!(Gated { copies: #copies, private: #private });
        }
        if let Some(of) = &routed.router_of {
            let of = text(of);
            return quote!(RoutedWith { copies: #copies, router_of: #core::Cow::Borrowed(#of) });
        }
        let router = match &routed.router {
            Some(router) => {
                let (place, _) = ends(router);
                let reference = quote_spanned!(place=> &);
                self.push(quote! {
                    const #constant: #core::Option<&'static dyn #core::Router> =
                        #core::Some(#reference #router);
                });
                quote!(#core::own_router(#constant))
            }
            None => quote!(#core::None),
        };
        quote!(Routed { copies: #copies, router: #router })
    }

    fn push(&mut self, tokens: TokenStream) {
        self.tokens.extend(tokens);
    }

    /// A constant that calls `function`; an error in it points at `place`.
    fn report(&mut self, function: &str, arguments: TokenStream, place: impl ToTokens) {
        let (first, last) = ends(place);
        let (core, function) = (self.core.path_at(first), Ident::new(function, first));
        let mut call = Group::new(Delimiter::Parenthesis, arguments);
        call.set_span(last);
        self.push(quote!(const _: () = #core::#function #call;));
    }
}

pub fn text(name: &Ident) -> String {
    name.unraw().to_string()
}

/// Places of the first and the last token: a span over both cannot be made on
/// stable Rust.
fn ends(tokens: impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.into_token_stream().into_iter().map(|t| t.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}
