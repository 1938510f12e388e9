//! The path of the one module that generated code names.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

pub struct Core(String);

impl Core {
    /// Looks up what the user's Cargo.toml calls `paramalloc-core`, or else
    /// `paramalloc`, which re-exports the module. Either crate can be named
    /// like this inside of it too, by an `extern crate self`.
    pub fn find() -> Self {
        let found = ["paramalloc-core", "paramalloc"]
            .iter()
            .find_map(|package| {
                Some(match crate_name(package).ok()? {
                    FoundCrate::Name(name) => name,
                    FoundCrate::Itself => package.replace('-', "_"),
                })
            });
        Self(found.unwrap_or_else(|| "paramalloc_core".to_string()))
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
