//! The path of the one module that generated code names.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

pub struct Core(String);

impl Core {
    /// Looks up what the user's Cargo.toml calls `paramalloc-core`. That
    /// crate itself can be named like this too, by an `extern crate self`.
    pub fn find() -> Self {
        Self(match crate_name("paramalloc-core") {
            Ok(FoundCrate::Name(name)) => name,
            Ok(FoundCrate::Itself) | Err(_) => "paramalloc_core".to_string(),
        })
    }

    pub fn path(&self) -> TokenStream {
        self.path_at(Span::call_site())
    }

    /// The path with the place `span` in errors.
    pub fn path_at(&self, span: Span) -> TokenStream {
        let name = Ident::new(&self.0, span);
        quote_spanned!(span=> ::#name::__private)
    }
}
