//! What stands between the parentheses of an attribute: `4, router = R`.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, Expr, Ident, Result, Token};

use crate::errors::Errors;

/// The arguments of one attribute.
#[derive(Default)]
pub struct List {
    /// The argument without a name, where one is allowed.
    pub unnamed: Option<Expr>,
    named: Vec<Argument>,
}

struct Argument {
    name: Ident,
    value: Option<Expr>,
}

/// What an attribute takes.
pub struct Grammar {
    /// Whether one argument may have no name.
    pub unnamed: bool,
    /// Arguments written `name = value`.
    pub values: &'static [&'static str],
    /// Arguments written `name`.
    pub flags: &'static [&'static str],
}

impl List {
    /// Each argument by itself, so that every error is found.
    pub fn parse(tokens: TokenStream, grammar: &Grammar, errors: &mut Errors) -> Self {
        let mut list = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                let result = list.argument(input, grammar);
                if let Err(error) = result.and_then(|()| end(input)) {
                    errors.push(error);
                    skip_past_comma(input);
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.push(error);
        }
        list
    }

    /// The value of argument `name`.
    pub fn take(&mut self, name: &str) -> Option<(Ident, Option<Expr>)> {
        let place = self.named.iter().position(|a| a.name == name)?;
        let Argument { name, value } = self.named.remove(place);
        Some((name, value))
    }

    fn argument(&mut self, input: ParseStream<'_>, grammar: &Grammar) -> Result<()> {
        let is_flag = |name: &Ident| grammar.flags.iter().any(|flag| name == flag);
        let first = input.fork().call(Ident::parse_any);
        let is_named = first.is_ok_and(|name| is_flag(&name) || input.peek2(Token![=]));
        if grammar.unnamed && !is_named {
            let expr = input.parse()?;
            return match &self.unnamed {
                None => {
                    self.unnamed = Some(expr);
                    Ok(())
                }
                Some(_) => {
                    let expected = grammar.expected();
                    let message = format!("only the first argument has no name; {expected}");
                    Err(Error::new_spanned(expr, message))
                }
            };
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error(grammar.expected()));
        }
        let name = input.call(Ident::parse_any)?;
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(Expr::parse(input)?),
            None => None,
        };
        self.keep(Argument { name, value }, grammar)
    }

    fn keep(&mut self, argument: Argument, grammar: &Grammar) -> Result<()> {
        let Argument { name, value } = &argument;
        let is_value = grammar.values.iter().any(|v| name == v);
        let is_flag = grammar.flags.iter().any(|f| name == f);
        let problem = if !is_value && !is_flag {
            format!("unknown argument `{name}`; {}", grammar.expected())
        } else if self.named.iter().any(|earlier| earlier.name == *name) {
            format!("`{name}` is given twice; remove one of the two")
        } else if is_value && value.is_none() {
            format!("`{name}` needs a value; write `{name} = ..`")
        } else if is_flag && value.is_some() {
            format!("`{name}` takes no value; write `{name}` alone")
        } else {
            self.named.push(argument);
            return Ok(());
        };
        Err(Error::new_spanned(name, problem))
    }
}

impl Grammar {
    fn expected(&self) -> String {
        let values = self.values.iter().map(|name| format!("`{name} = ..`"));
        let flags = self.flags.iter().map(|name| format!("`{name}`"));
        let names: Vec<_> = values.chain(flags).collect();
        match &names[..] {
            [one] => format!("expected {one}"),
            [one, two] => format!("expected {one} or {two}"),
            many => format!("expected one of {}", many.join(", ")),
        }
    }
}

fn end(input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() {
        return Ok(());
    }
    input.parse::<Token![,]>().map(|_| ())
}

fn skip_past_comma(input: ParseStream<'_>) {
    while let Ok(token) = input.parse::<TokenTree>() {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') {
            return;
        }
    }
}
