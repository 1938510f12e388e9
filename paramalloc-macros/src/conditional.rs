//! Our attributes under a condition: `#[cfg_attr(test, routed(4))]`.

use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token, parse_quote};

use crate::attr::is_ours;
use crate::errors::Errors;

/// Reports our attributes under a condition, and takes them as if there were
/// none, so that nothing else is wrong.
pub fn take(attributes: &mut Vec<Attribute>, errors: &mut Errors) {
    for attribute in std::mem::take(attributes) {
        let found = if attribute.path().is_ident("cfg_attr") {
            ours(&attribute)
        } else {
            Vec::new()
        };
        if found.is_empty() {
            attributes.push(attribute);
            continue;
        }
        let message =
            "what a field is cannot depend on `cfg_attr`; write two structs, each with its `cfg`";
        errors.at(attribute.path(), message);
        attributes.extend(found);
    }
}

fn ours(attribute: &Attribute) -> Vec<Attribute> {
    let list = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let metas = list.into_iter().flatten().skip(1);
    metas
        .map(|meta| parse_quote!(#[#meta]))
        .filter(is_ours)
        .collect()
}
