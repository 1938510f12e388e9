//! The fields of a struct, each by itself.

use std::collections::HashSet;

use quote::format_ident;
use syn::{ItemStruct, parse_quote};

use crate::ast::Field;
use crate::errors::Errors;
use crate::{attr, conditional, types};

/// Takes another `#[multitask]` off a struct.
pub fn once(item: &mut ItemStruct, errors: &mut Errors) {
    item.attrs.retain(|attribute| {
        let last = attribute.path().segments.last();
        let is_ours = last.is_some_and(|segment| segment.ident == "multitask");
        if is_ours {
            let message = "this attribute is given twice; remove one of the two";
            errors.at(attribute.path(), message);
        }
        !is_ours
    });
}

/// The fields as they are written. After an error the struct has what was
/// meant in their place, so that the compiler does not report it again.
pub fn parse(item: &mut ItemStruct, errors: &mut Errors) -> Vec<Field> {
    let mut names = HashSet::new();
    let fields = item.fields.iter_mut().enumerate();
    fields
        .filter_map(|(index, field)| {
            conditional::take(&mut field.attrs, errors);
            let role = attr::role(&mut field.attrs, errors);
            let name = field.ident.clone()?;
            if !names.insert(name.clone()) {
                let message =
                    format!("two fields are called `{name}`; give each a name of its own");
                errors.at(&name, message);
                field.ident = Some(format_ident!("__field_{index}", span = name.span()));
            }
            let is_known = types::correct(&mut field.ty, errors);
            let ty = field.ty.clone();
            if !is_known {
                field.ty = parse_quote!(());
            }
            let field = Field {
                role,
                name,
                index,
                ty: is_known.then_some(ty),
            };
            Some(field.with_layers_below())
        })
        .collect()
}
