//! The shape of one example: `12`, `(1, 28, 28)` or the name of a constant.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, Lit};

use crate::ast::{Input, Shape};
use crate::errors::Errors;
use crate::groups;

const FORMS: &str = "an image is `(channels, rows, columns)`, a vector of features one number";

/// What is given as `input = ..`.
pub fn shape(expr: Expr, errors: &mut Errors) -> Option<Input> {
    let shape = match groups::expr(&expr) {
        Expr::Tuple(tuple) => {
            let numbers: Vec<Expr> = tuple.elems.iter().cloned().collect();
            let Ok(numbers) = <[Expr; 3]>::try_from(numbers) else {
                errors.at(&expr, FORMS);
                return None;
            };
            Shape::Image(Box::new(numbers))
        }
        Expr::Array(array) => {
            let numbers = &array.elems;
            let message = format!("{FORMS}; write `input = {}`", parentheses(numbers.iter()));
            errors.at(&expr, message);
            return None;
        }
        Expr::Lit(lit) if !matches!(lit.lit, Lit::Int(_)) => {
            errors.at(&expr, FORMS);
            return None;
        }
        Expr::Path(_) => Shape::Constant(expr.clone()),
        number => Shape::Features(number.clone()),
    };
    Some(Input { expr, shape })
}

/// A shape that is given without its name.
pub fn unnamed(numbers: Vec<Expr>, errors: &mut Errors) -> Option<Input> {
    let written = match &numbers[..] {
        [one] => one.to_token_stream().to_string(),
        many => parentheses(many.iter()),
    };
    let tokens: TokenStream = quote!(#(#numbers),*);
    let message = format!("the shape of one example has a name; write `input = {written}`");
    errors.at(tokens, message);
    let expr = numbers.first()?.clone();
    let shape = match <[Expr; 3]>::try_from(numbers) {
        Ok(numbers) => Shape::Image(Box::new(numbers)),
        Err(mut numbers) if numbers.len() == 1 => return shape(numbers.remove(0), errors),
        Err(_) => return None,
    };
    Some(Input { expr, shape })
}

fn parentheses<'a>(numbers: impl Iterator<Item = &'a Expr>) -> String {
    let numbers: Vec<String> = numbers.map(|n| n.to_token_stream().to_string()).collect();
    format!("({})", numbers.join(", "))
}
