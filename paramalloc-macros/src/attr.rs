//! The grammar of `#[multitask(..)]`, `#[routed(..)]` and `#[head(..)]`.

use proc_macro2::TokenStream;
use syn::{Attribute, Expr, Meta, Path};

use crate::ast::{Arguments, Head, Input, InputShape, Role, Routed, Width, WidthKind};
use crate::errors::Errors;
use crate::list::{Grammar, List};

const MULTITASK: Grammar = Grammar {
    unnamed: false,
    values: &["input", "tasks"],
    flags: &[],
};

const ROUTED: Grammar = Grammar {
    unnamed: true,
    values: &["router"],
    flags: &[],
};

const HEAD: Grammar = Grammar {
    unnamed: false,
    values: &["classes", "classes_per_task", "outputs", "loss"],
    flags: &["classes_from_data"],
};

/// `input = (1, 28, 28), tasks = 4`
pub fn arguments(tokens: TokenStream, errors: &mut Errors) -> Arguments {
    let before = errors.len();
    let mut list = List::parse(tokens, &MULTITASK, errors);
    let input = list
        .take("input")
        .and_then(|(_, expr)| input(expr?, errors));
    Arguments {
        input,
        tasks: list.take("tasks").and_then(|(_, expr)| expr),
        has_mistake: errors.len() > before,
    }
}

/// `12`, `(12)` or `(1, 28, 28)`
fn input(expr: Expr, errors: &mut Errors) -> Option<Input> {
    let shape = match &expr {
        Expr::Tuple(tuple) => {
            let numbers: Vec<Expr> = tuple.elems.iter().cloned().collect();
            let Ok(image) = numbers.try_into() else {
                errors.at(
                    &expr,
                    "an image is `(channels, rows, columns)`, a vector of features one number",
                );
                return None;
            };
            InputShape::Image(image)
        }
        _ => InputShape::Features(expr.clone()),
    };
    Some(Input { expr, shape })
}

/// Takes our attributes out of a field's list.
pub fn role(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Role {
    let is_ours = |a: &Attribute| a.path().is_ident("routed") || a.path().is_ident("head");
    let (ours, others): (Vec<_>, Vec<_>) = attributes.drain(..).partition(is_ours);
    *attributes = others;
    let mut ours = ours.into_iter();
    let Some(first) = ours.next() else {
        return Role::Shared;
    };
    let before = errors.len();
    for other in ours {
        errors.at(other.path(), doubled(first.path(), other.path()));
    }
    if first.path().is_ident("head") {
        return Role::Head(head(first, errors));
    }
    let routed = routed(first, errors);
    match errors.len() > before {
        true => Role::Unclear,
        false => Role::Routed(routed),
    }
}

fn doubled(first: &Path, other: &Path) -> &'static str {
    match first.get_ident() == other.get_ident() {
        true => "this attribute is given twice; remove one of the two",
        false => "a field is either routed or the head; remove one of the two attributes",
    }
}

/// `#[routed]`, `#[routed(4)]`, `#[routed(4, router = MyRouter)]`
fn routed(attribute: Attribute, errors: &mut Errors) -> Routed {
    let mut list = List::parse(inside(&attribute, errors), &ROUTED, errors);
    Routed {
        attribute,
        router: list.take("router").and_then(|(_, expr)| expr),
        copies: list.unnamed,
    }
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
    ];
    let mut widths = widths.into_iter().filter_map(|name| list.take(name));
    let width = widths.next().map(|(argument, value)| Width {
        kind: match value {
            None => WidthKind::FromData,
            Some(value) if argument == "classes_per_task" => WidthKind::PerTask(value),
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
            "a head needs a width; write `classes = ..`, `classes_per_task = ..`, `classes_from_data` or `outputs = ..`",
        ),
        Some(width) if width.argument == "outputs" && loss.is_none() && parsed => errors.at(
            &width.argument,
            "`outputs` needs a loss; write `loss = Loss::MeanSquaredError` beside it, or `classes` for a classification",
        ),
        _ => {}
    }
    Head {
        attribute,
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
