//! The grammar of `#[multitask(..)]`, `#[routed(..)]`, `#[private]` and
//! `#[head(..)]`.

use proc_macro2::TokenStream;
use strsim::osa_distance;
use syn::parse::{ParseStream, Parser};
use syn::token::Paren;
use syn::{Attribute, Expr, Ident, Lit, Meta, Path, Token};

use crate::ast::{Arguments, Head, Role, Routed, Width, WidthKind};
use crate::errors::Errors;
use crate::list::{Grammar, List};
use crate::{groups, input, tasks};

const MULTITASK: Grammar = Grammar {
    unnamed: false,
    values: &["input", "tasks"],
    flags: &[],
};

const ROUTED: Grammar = Grammar {
    unnamed: true,
    values: &["router", "router_of", "private"],
    flags: &["gate"],
};

const HEAD: Grammar = Grammar {
    unnamed: false,
    values: &["classes", "classes_per_task", "outputs", "tasks", "loss"],
    flags: &["classes_from_data", "from_data"],
};

/// Attributes of fields, each with the edits that still are that word.
const ATTRIBUTES: [(&str, usize); 3] = [("routed", 2), ("head", 1), ("private", 2)];

/// `input = (1, 28, 28), tasks = 4`
pub fn arguments(tokens: TokenStream, errors: &mut Errors) -> Arguments {
    let before = errors.len();
    let (unnamed, tokens) = unnamed(tokens);
    let mut list = List::parse(tokens, &MULTITASK, errors);
    let named = list
        .take("input")
        .and_then(|(_, expr)| input::shape(expr?, errors));
    let unnamed = (!unnamed.is_empty()).then(|| input::unnamed(unnamed, errors));
    Arguments {
        input: named.or(unnamed.flatten()),
        tasks: list.take("tasks").and_then(|(_, expr)| expr),
        has_error: errors.len() > before,
    }
}

/// Numbers and tuples at the start of the arguments, and what follows them:
/// `1, 28, 28, tasks = 4`.
fn unnamed(tokens: TokenStream) -> (Vec<Expr>, TokenStream) {
    let parser = |input: ParseStream<'_>| {
        let mut found = Vec::new();
        while input.peek(Lit) || input.peek(Paren) {
            found.push(input.parse()?);
            if input.parse::<Option<Token![,]>>()?.is_none() {
                break;
            }
        }
        Ok((found, input.parse()?))
    };
    let parsed = parser.parse2(tokens.clone());
    parsed.unwrap_or_else(|_: syn::Error| (Vec::new(), tokens))
}

/// Takes our attributes out of a field's list.
pub fn role(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Role {
    for attribute in attributes.iter_mut() {
        correct_spelling(attribute, errors);
    }
    let (ours, others): (Vec<_>, Vec<_>) = attributes.drain(..).partition(is_ours);
    *attributes = others;
    let before = errors.len();
    for pair in ours.windows(2) {
        errors.at(pair[1].path(), doubled(pair[0].path(), pair[1].path()));
    }
    let place = ours.iter().position(|a| a.path().is_ident("head"));
    let Some(first) = ours.into_iter().nth(place.unwrap_or(0)) else {
        return Role::Shared;
    };
    if first.path().is_ident("head") {
        return Role::Head(head(first, errors));
    }
    let role = match first.path().is_ident("private") {
        true => private(&first, errors),
        false => Role::Routed(routed(first, errors)),
    };
    match errors.len() > before {
        true => Role::Unclear,
        false => role,
    }
}

/// Whether an attribute of a field is one of this macro's.
pub fn is_ours(attribute: &Attribute) -> bool {
    ATTRIBUTES
        .iter()
        .any(|(name, _)| attribute.path().is_ident(name))
}

/// Reports `#[routd]`, which the compiler would call unknown without a word of
/// what is meant, and takes it for that, so that nothing else is wrong.
fn correct_spelling(attribute: &mut Attribute, errors: &mut Errors) {
    let Some(name) = attribute.path().get_ident() else {
        return;
    };
    let text = name.to_string();
    let is_meant =
        |(known, edits): &&(&str, usize)| osa_distance(&text.to_lowercase(), known) <= *edits;
    let meant = match ATTRIBUTES.iter().find(is_meant) {
        Some((meant, _)) if text != *meant => *meant,
        _ => return,
    };
    let message = format!("unknown attribute `{text}`; did you mean `#[{meant}]`?");
    let meant = Ident::new(meant, name.span());
    errors.at(name, message);
    match &mut attribute.meta {
        Meta::Path(path) => *path = meant.into(),
        Meta::List(list) => list.path = meant.into(),
        Meta::NameValue(pair) => pair.path = meant.into(),
    }
}

fn doubled(first: &Path, other: &Path) -> &'static str {
    if first.get_ident() == other.get_ident() {
        return "this attribute is given twice; remove one of the two";
    }
    match first.is_ident("private") || other.is_ident("private") {
        true => "a private field is neither routed nor the head; remove one of the two attributes",
        false => "a field is either routed or the head; remove one of the two attributes",
    }
}

/// `#[private]`
fn private(attribute: &Attribute, errors: &mut Errors) -> Role {
    if !matches!(attribute.meta, Meta::Path(_)) {
        let message = "`#[private]` takes no arguments; each task has its own of the field";
        errors.at(&attribute.meta, message);
    }
    Role::Private
}

/// `#[routed]`, `#[routed(4)]`, `#[routed(4, router = MyRouter)]`
fn routed(attribute: Attribute, errors: &mut Errors) -> Routed {
    let mut list = List::parse(inside(&attribute, errors), &ROUTED, errors);
    let [router, of, private] = ["router", "router_of", "private"].map(|name| list.take(name));
    let gate = list.take("gate").is_some();
    match (router.as_ref().or(of.as_ref()), &private) {
        (Some((name, _)), _) if gate => {
            errors.at(
                name,
                format!("gates weigh the components themselves; remove `{name}` or `gate`"),
            );
        }
        (_, Some((name, _))) if !gate => {
            let message =
                "only gates tell private components from shared ones; write `gate, private = ..`";
            errors.at(name, message);
        }
        _ => {}
    }
    if let (Some(_), Some((name, _))) = (&router, &of) {
        let message = "a field has one router; remove `router` or `router_of`";
        errors.at(name, message);
    }
    let router_of = of.and_then(|(_, expr)| expr);
    let router_of = router_of.and_then(|expr| field_name(&expr, errors));
    Routed {
        attribute,
        router: router.and_then(|(_, expr)| expr),
        router_of,
        copies: list.unnamed,
        gate,
        private: private.and_then(|(_, expr)| expr),
    }
}

/// The name in `router_of = block1`.
fn field_name(expr: &Expr, errors: &mut Errors) -> Option<Ident> {
    let name = match groups::expr(expr) {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    if name.is_none() {
        let message = "write the name of a field, as in `router_of = block1`";
        errors.at(expr, message);
    }
    name
}

/// `#[head(classes = 10)]`, `#[head(outputs = 1, loss = ..)]`, ..
fn head(attribute: Attribute, errors: &mut Errors) -> Head {
    let before = errors.len();
    let mut list = List::parse(inside(&attribute, errors), &HEAD, errors);
    let loss = list.take("loss").and_then(|(_, expr)| expr);
    let widths = [
        "classes",
        "outputs",
        "classes_per_task",
        "classes_from_data",
        "tasks",
        "from_data",
    ];
    let mut widths = widths.into_iter().filter_map(|name| list.take(name));
    let width = widths.next().map(|(argument, value)| Width {
        kind: match value {
            None if argument == "from_data" => WidthKind::FromData,
            None => WidthKind::ClassesFromData,
            Some(value) if argument == "classes_per_task" => WidthKind::PerTask(value),
            Some(value) if argument == "tasks" => WidthKind::Tasks(tasks::parse(value, errors)),
            Some(value) => WidthKind::Equal(value),
        },
        argument,
    });
    for (other, _) in widths {
        let first = width.as_ref().map(|w| w.argument.to_string());
        let first = first.unwrap_or_default();
        errors.at(
            &other,
            format!("a head has one width; remove `{first}` or `{other}`"),
        );
    }
    let parsed = errors.len() == before;
    match &width {
        None if parsed => errors.at(
            attribute.path(),
            "a head needs a width; write `classes = ..`, `classes_per_task = ..`, `classes_from_data`, `outputs = ..`, `tasks = [..]` or `from_data`",
        ),
        Some(width) if width.argument == "outputs" && loss.is_none() && parsed => errors.at(
            &width.argument,
            "`outputs` needs a loss; write `loss = Loss::MeanSquaredError` beside it, or `classes` for a classification",
        ),
        Some(width) if matches!(width.kind, WidthKind::Tasks(_)) && parsed => {
            if let Some(loss) = &loss {
                let message = "each task names its own loss, as in `values(4, loss = Huber)`; remove this one";
                errors.at(loss, message);
            }
        }
        _ => {}
    }
    Head {
        attribute,
        below: Vec::new(),
        width: width.filter(|_| errors.len() == before),
        loss,
    }
}

/// The tokens between the parentheses; none for a bare `#[routed]`.
fn inside(attribute: &Attribute, errors: &mut Errors) -> TokenStream {
    match &attribute.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(pair) => {
            let name = pair.path.get_ident().map(ToString::to_string);
            let name = name.unwrap_or_default();
            let message = format!("write the arguments in parentheses: `#[{name}(..)]`");
            errors.at(&attribute.meta, message);
            TokenStream::new()
        }
    }
}
