//! What a `macro_rules!` passes on has invisible parentheses.

use syn::{Expr, Type};

/// The expression inside of them.
pub fn expr(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => self::expr(&group.expr),
        other => other,
    }
}

/// The type inside of them, or of parentheses that can be seen.
pub fn ty(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => self::ty(&group.elem),
        Type::Paren(paren) => self::ty(&paren.elem),
        other => other,
    }
}
