//! The tasks of a head: `[classes(10), labels(40), value, values(4, loss = Huber)]`,
//! or as many of one form as in `[labels(1); 12]`.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, Lit};

use crate::ast::{Task, Tasks};
use crate::core_path::Core;
use crate::errors::Errors;
use crate::groups;

const KINDS: [&str; 4] = ["classes", "labels", "value", "values"];

/// Losses that are written by their name alone.
const LOSSES: [&str; 6] = [
    "SoftmaxCrossEntropy",
    "Focal",
    "BinaryCrossEntropy",
    "MeanSquaredError",
    "MeanAbsoluteError",
    "Huber",
];

pub fn parse(list: Expr, errors: &mut Errors) -> Tasks {
    let mut tasks = Vec::new();
    match groups::expr(&list) {
        Expr::Array(array) if array.elems.is_empty() => {
            errors.at(&list, "a network needs at least 1 task");
        }
        Expr::Array(array) => {
            tasks.extend(array.elems.iter().filter_map(|expr| task(expr, errors)));
        }
        Expr::Repeat(repeat) => match count(&repeat.len) {
            Some(count) => {
                let task = task(&repeat.expr, errors);
                tasks.extend(task.into_iter().flat_map(|task| vec![task; count]));
            }
            None => errors.at(
                &repeat.len,
                "write the number of tasks, at least 1, as digits",
            ),
        },
        other => errors.at(
            other,
            "write the tasks as a list, as in `tasks = [classes(10), value]`",
        ),
    }
    Tasks { list, tasks }
}

/// `classes(10)`, `value` or `values(4, loss = Huber)`
fn task(expr: &Expr, errors: &mut Errors) -> Option<Task> {
    let (kind, call) = match groups::expr(expr) {
        Expr::Call(call) => (name(&call.func), Some(call)),
        other => (name(other), None),
    };
    let Some(kind) = kind.filter(|kind| KINDS.iter().any(|known| kind == known)) else {
        let message = "a task is `classes(n)`, `labels(n)`, `value` or `values(n)`";
        errors.at(expr, message);
        return None;
    };
    let before = errors.len();
    let mut task = Task {
        width: None,
        loss: None,
        kind,
    };
    if let Some(call) = call {
        arguments(call, &mut task, errors);
    }
    if task.kind != "value" && task.width.is_none() && errors.len() == before {
        let kind = &task.kind;
        let message = format!("`{kind}` needs a number, as in `{kind}(10)`");
        errors.at(kind, message);
    }
    (errors.len() == before).then_some(task)
}

fn arguments(call: &ExprCall, task: &mut Task, errors: &mut Errors) {
    for (index, argument) in call.args.iter().enumerate() {
        match groups::expr(argument) {
            Expr::Assign(pair) if name(&pair.left).is_some_and(|n| n == "loss") => {
                if task.loss.is_some() {
                    errors.at(&pair.left, "`loss` is given twice; remove one of the two");
                }
                task.loss = Some((*pair.right).clone());
            }
            Expr::Assign(pair) => errors.at(&pair.left, "unknown argument; expected `loss = ..`"),
            number if index == 0 && task.kind != "value" => {
                if integer(number) == Some(0) {
                    errors.at(number, format!("`{}` must be at least 1", task.kind));
                }
                task.width = Some(number.clone());
            }
            other if task.kind == "value" => {
                errors.at(other, "`value` is one value; write `values(n)` for several");
            }
            other => errors.at(other, "expected `loss = ..`"),
        }
    }
}

/// The width and the loss of a task, as expressions.
pub fn outputs(core: &Core, task: &Task) -> [TokenStream; 2] {
    let width = task
        .width
        .as_ref()
        .map_or(quote!(1), |width| quote!(#width));
    let loss = task.loss.as_ref().map(|loss| self::loss(core, loss));
    let loss = loss.unwrap_or_else(|| {
        let core = core.path();
        match task.kind.to_string().as_str() {
            "classes" => quote!(#core::Loss::SoftmaxCrossEntropy),
            "labels" => quote!(#core::Loss::BinaryCrossEntropy),
            _ => quote!(#core::Loss::MeanSquaredError),
        }
    });
    [width, loss]
}

/// A loss: one of the library by its name, or any expression.
pub fn loss(core: &Core, loss: &Expr) -> TokenStream {
    match name(loss) {
        Some(name) if LOSSES.iter().any(|known| name == known) => {
            let core = core.path_at(name.span());
            quote_spanned!(loss.span()=> #core::Loss::#name)
        }
        _ => quote!(#loss),
    }
}

fn name(expr: &Expr) -> Option<Ident> {
    match groups::expr(expr) {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    }
}

/// An integer literal of at least 1.
fn count(expr: &Expr) -> Option<usize> {
    integer(expr).filter(|&count| count > 0)
}

fn integer(expr: &Expr) -> Option<usize> {
    match groups::expr(expr) {
        Expr::Lit(number) => match &number.lit {
            Lit::Int(int) => int.base10_parse().ok(),
            _ => None,
        },
        _ => None,
    }
}
