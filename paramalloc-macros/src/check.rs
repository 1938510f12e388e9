//! Rules about a network as a whole. Each is a function of its own that
//! reports what it finds.

use syn::{Expr, GenericParam, Lit, Type};

use crate::ast::{Network, Role, WidthKind};
use crate::errors::Errors;
use crate::groups;

pub fn check(network: &mut Network, errors: &mut Errors) {
    has_defaults(network, errors);
    no_conditional_fields(network, errors);
    has_input(network, errors);
    input_is_not_empty(network, errors);
    has_tasks(network, errors);
    routed_has_components(network, errors);
    router_of_is_above(network, errors);
    head_has_outputs(network, errors);
    one_head(network, errors);
    head_is_last(network, errors);
    has_head(network, errors);
}

/// `struct Net<'a, const W: usize, L> where .. { .. }`
fn has_defaults(network: &Network, errors: &mut Errors) {
    let generics = &network.item.generics;
    for parameter in &generics.params {
        let (name, example) = match parameter {
            GenericParam::Lifetime(lifetime) => {
                errors.at(lifetime, "a network borrows nothing; remove the lifetime");
                continue;
            }
            GenericParam::Const(c) if c.default.is_none() => {
                (&c.ident, format!("const {}: usize = 64", c.ident))
            }
            GenericParam::Type(t) if t.default.is_none() => {
                (&t.ident, format!("{}: Layer = ReLU", t.ident))
            }
            GenericParam::Const(_) | GenericParam::Type(_) => continue,
        };
        let message = format!(
            "`{name}` needs a default, for which shapes are checked while compiling; write `{example}`"
        );
        errors.at(name, message);
    }
    if let Some(clause) = &generics.where_clause {
        let message = "a network has no `where` clause; write bounds beside the parameters";
        errors.at(clause, message);
    }
}

/// `#[cfg(..)] conv1: ..`
fn no_conditional_fields(network: &Network, errors: &mut Errors) {
    let attributes = network.item.fields.iter().flat_map(|f| &f.attrs);
    for attribute in attributes.filter(|a| a.path().is_ident("cfg")) {
        let message = "a field cannot depend on `cfg`; write two structs, each with its `cfg`";
        errors.at(attribute.path(), message);
    }
}

/// `#[multitask(tasks = 4)]`
fn has_input(network: &Network, errors: &mut Errors) {
    if network.arguments.input.is_none() && !network.arguments.has_error {
        let name = &network.item.ident;
        let message = format!(
            "`{name}` needs the shape of one example; write `#[multitask(input = (channels, rows, columns))]` or `#[multitask(input = features)]`"
        );
        errors.at(name, message);
    }
}

/// `#[multitask(input = (0, 28, 28))]`
fn input_is_not_empty(network: &mut Network, errors: &mut Errors) {
    let Some(input) = &network.arguments.input else {
        return;
    };
    let before = errors.len();
    for number in input
        .shape
        .numbers()
        .iter()
        .filter(|n| literal(n) == Some(0))
    {
        errors.at(number, "an example has at least 1 value along each axis");
    }
    if errors.len() > before {
        network.arguments.input = None;
    }
}

/// `#[multitask(.., tasks = 0)]`
fn has_tasks(network: &mut Network, errors: &mut Errors) {
    let tasks = &mut network.arguments.tasks;
    if let Some(zero) = tasks.take_if(|tasks| literal(tasks) == Some(0)) {
        errors.at(zero, "a network needs at least 1 task");
    }
}

/// `#[routed(0)] conv1: ..` and `#[routed(1)] conv1: (A, B)`. Whether another
/// type has alternatives is known later, in a constant.
fn routed_has_components(network: &mut Network, errors: &mut Errors) {
    for field in &mut network.fields {
        let Role::Routed(routed) = &field.role else {
            continue;
        };
        let Some(copies) = &routed.copies else {
            continue;
        };
        if routed.gate {
            continue;
        }
        let one_alternative = field.ty.as_ref().is_some_and(is_tuple);
        if matches!(literal(copies), Some(n) if n == 0 || (n == 1 && one_alternative)) {
            errors.at(
                copies,
                "a routed layer needs at least 2 components; leave the field unmarked to share one layer between all tasks",
            );
            field.role = Role::Unclear;
        }
    }
}

/// `#[routed(4, router_of = conv9)]`. Whether a field above has a router to share is
/// known later, in a constant.
fn router_of_is_above(network: &Network, errors: &mut Errors) {
    for (index, field) in network.fields.iter().enumerate() {
        let Role::Routed(routed) = &field.role else {
            continue;
        };
        let Some(name) = &routed.router_of else {
            continue;
        };
        let place = network.fields.iter().position(|f| f.name == *name);
        let message = match place {
            Some(place) if place < index => continue,
            Some(place) if place == index => {
                format!("`{name}` is this field; name a routed field above it")
            }
            Some(_) => format!(
                "`{name}` is below `{}`; the first field of a router has it, and those below name that one",
                field.name
            ),
            None => format!("no field is called `{name}`; name a routed field above this one"),
        };
        errors.at(name, message);
    }
}

fn is_tuple(ty: &Type) -> bool {
    matches!(groups::ty(ty), Type::Tuple(_))
}

/// `#[head(classes = 0)]`
fn head_has_outputs(network: &mut Network, errors: &mut Errors) {
    for field in &mut network.fields {
        let Role::Head(head) = &mut field.role else {
            continue;
        };
        let Some(width) = &head.width else {
            continue;
        };
        if let WidthKind::Equal(number) = &width.kind
            && literal(number) == Some(0)
        {
            errors.at(number, format!("`{}` must be at least 1", width.argument));
            head.width = None;
        }
    }
}

/// `#[head(..)] a: .., #[head(..)] b: ..`
fn one_head(network: &Network, errors: &mut Errors) {
    let Some((first, _)) = network.heads().next() else {
        return;
    };
    for (_, head) in network.heads().skip(1) {
        let message = format!(
            "a network has one head, and `{}` is one already; every task gets its own copy of it",
            first.name
        );
        errors.at(head.attribute.path(), message);
    }
}

/// `#[head(..)] head: .., dropout: ..`
fn head_is_last(network: &Network, errors: &mut Errors) {
    let heads = network.heads().count();
    let is_head = |role: &Role| matches!(role, Role::Head(_));
    if heads == 1
        && let [.., last] = &network.fields[..]
        && !is_head(&last.role)
        && let Some((head, _)) = network.heads().next()
    {
        let message = format!(
            "the head must be the last field; move `{}` below `{}`",
            head.name, last.name
        );
        errors.at(&head.name, message);
    }
}

/// `struct Net { conv1: .. }`
fn has_head(network: &mut Network, errors: &mut Errors) {
    if network.heads().next().is_some() {
        return;
    }
    let advice = "the last field must be the head; mark it with `#[head(classes = ..)]`";
    // The last field may be a head type, which is no layer.
    match network.fields.pop() {
        Some(last) => errors.at(last.name, advice),
        None => errors.at(
            &network.item.ident,
            "a network needs a head; write `#[head(classes = 10)] head: Linear<..>`",
        ),
    }
}

/// The value of an integer literal.
fn literal(expr: &Expr) -> Option<u64> {
    match groups::expr(expr) {
        Expr::Lit(number) => match &number.lit {
            Lit::Int(int) => int.base10_parse().ok(),
            _ => None,
        },
        Expr::Paren(inner) => literal(&inner.expr),
        _ => None,
    }
}
