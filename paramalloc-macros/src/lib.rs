//! The `#[multitask]` attribute; use it through `paramalloc_core::prelude`.
//!
//! One file per stage: `attr` (with `list`) parses attributes into the network of `ast`,
//! `fields` looks at the fields by themselves, `types` and `spec` at their types,
//! `check` holds the rules between fields, `expand` writes the code, `generic`
//! what a struct with parameters has besides, and `fallback` what can be
//! written of a network with errors. Shapes are not known here: generated
//! constants call `paramalloc_core`, which checks them.

mod ast;
mod attr;
mod check;
mod conditional;
mod constants;
mod core_path;
mod errors;
mod expand;
mod fallback;
mod fields;
mod generic;
mod groups;
mod input;
mod list;
mod spec;
mod tasks;
mod types;

use proc_macro::TokenStream;

// Documented where it is re-exported, `paramalloc_core::multitask`: rustdoc
// would join the two texts.
#[proc_macro_attribute]
pub fn multitask(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::multitask(arguments.into(), item.into()).into()
}
