//! The `#[multitask]` attribute; use it through `paramalloc_core::prelude`.
//!
//! One file per stage: `attr` (with `list`) parses attributes into the network of `ast`,
//! `check` holds the rules between fields, `expand` writes the code, and
//! `fallback` writes what can be written of a network with mistakes. Shapes
//! are not known here: generated constants call `paramalloc_core`, which
//! checks them.

mod ast;
mod attr;
mod check;
mod constants;
mod core_path;
mod errors;
mod expand;
mod fallback;
mod list;

use proc_macro::TokenStream;

/// Makes a network of a struct. Documented as `paramalloc_core::multitask`.
#[proc_macro_attribute]
pub fn multitask(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::multitask(arguments.into(), item.into()).into()
}
