//! Collects mistakes, so that one compile shows all of them.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

#[derive(Default)]
pub struct Errors(Option<Error>);

impl Errors {
    /// A mistake in `tokens`.
    pub fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(Error::new_spanned(tokens, message));
    }

    /// A mistake in the whole `#[multitask(..)]`.
    pub fn at_attribute(&mut self, message: impl Display) {
        self.push(Error::new(Span::call_site(), message));
    }

    pub fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    pub fn len(&self) -> usize {
        self.0.iter().flatten().count()
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.as_ref().map(Error::to_compile_error));
    }
}
