//! What a field's type may have wrong that the compiler would report in words
//! of its own. Layers are known by their names, where no path stands before
//! them.

use syn::{Expr, GenericArgument, Ident, PathArguments, Type, parse_quote};

use crate::errors::Errors;
use crate::groups;

/// Layers whose padding comes last, and the place of the stride before it.
const STRIDES: [(&str, usize); 10] = [
    ("Conv2D", 3),
    ("RectConv2D", 4),
    ("GroupedConv2D", 4),
    ("DepthwiseConv2D", 2),
    ("ConvTranspose2D", 3),
    ("Conv1D", 3),
    ("AvgPool2D", 1),
    ("MaxPool2D", 1),
    ("AvgPool1D", 1),
    ("MaxPool1D", 1),
];

/// Layers in one tuple, as `paramalloc_core::layers::Layers` is written for.
const MOST: usize = 16;

/// Reports what is wrong with a field's type and writes what was meant, so
/// that nothing else is wrong; false where that is not known.
pub fn correct(ty: &mut Type, errors: &mut Errors) -> bool {
    match ty {
        Type::Group(group) => correct(&mut group.elem, errors),
        Type::Paren(paren) => correct(&mut paren.elem, errors),
        Type::Tuple(tuple) => {
            let mut is_known = true;
            for ty in &mut tuple.elems {
                is_known &= correct(ty, errors);
            }
            is_known
        }
        Type::Path(path) if path.qself.is_none() && path.path.segments.len() == 1 => {
            let segment = &mut path.path.segments[0];
            let PathArguments::AngleBracketed(list) = &mut segment.arguments else {
                return true;
            };
            let mut arguments: Vec<_> = list.args.iter().cloned().collect();
            let is_known = self::arguments(&segment.ident, &mut arguments, errors);
            list.args = arguments.into_iter().collect();
            is_known
        }
        _ => true,
    }
}

fn arguments(layer: &Ident, arguments: &mut Vec<GenericArgument>, errors: &mut Errors) -> bool {
    forgotten_stride(layer, arguments, errors);
    let mut is_known = too_many(layer, arguments, errors);
    for argument in arguments {
        if let GenericArgument::Type(ty) = argument {
            is_known &= correct(ty, errors);
        }
    }
    is_known
}

/// `Conv2D<3, 8, 3, Same>`
fn forgotten_stride(layer: &Ident, arguments: &mut Vec<GenericArgument>, errors: &mut Errors) {
    let Some((name, place)) = STRIDES.iter().find(|(name, _)| layer == name) else {
        return;
    };
    let Some(GenericArgument::Type(padding)) = arguments.get(*place).cloned() else {
        return;
    };
    let is_padding = |name: &&Ident| *name == "Same" || *name == "Valid";
    let Some(padding_name) = last_name(&padding).filter(is_padding) else {
        return;
    };
    // That of a convolution is 1 by default, that of a pooling its kernel.
    let stride: GenericArgument = match name.contains("Pool") {
        true => arguments[0].clone(),
        false => parse_quote!(1),
    };
    arguments.insert(*place, stride);
    let written = arguments.iter().map(|argument| match argument {
        GenericArgument::Type(ty) => {
            last_name(ty).map_or("..".to_string(), |name| name.to_string())
        }
        GenericArgument::Const(Expr::Lit(number)) => match &number.lit {
            syn::Lit::Int(int) => int.base10_digits().to_string(),
            _ => "..".to_string(),
        },
        _ => "..".to_string(),
    });
    let written: Vec<String> = written.collect();
    let written = written.join(", ");
    let message = format!(
        "`{name}` has a stride before its padding `{padding_name}`; write `{name}<{written}>`"
    );
    errors.at(padding, message);
}

/// `AnyOf<(A, .., Q)>`
fn too_many(layer: &Ident, arguments: &[GenericArgument], errors: &mut Errors) -> bool {
    let advice = match layer.to_string().as_str() {
        "AnyOf" => "`AnyOf` has at most 16 alternatives; write copies of one as `#[routed(n)]`",
        "Residual" => {
            "a tuple inside `Residual` has at most 16 layers; put some of them in a tuple of their own, as in `Residual<((A, B), C)>`"
        }
        _ => return true,
    };
    let Some(GenericArgument::Type(ty)) = arguments.first() else {
        return true;
    };
    match groups::ty(ty) {
        Type::Tuple(tuple) if tuple.elems.len() > MOST => {
            errors.at(&tuple.elems[MOST], advice);
            false
        }
        _ => true,
    }
}

fn last_name(ty: &Type) -> Option<&Ident> {
    match groups::ty(ty) {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}
