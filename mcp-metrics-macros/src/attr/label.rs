//! Label arguments.

use syn::{Error, Expr, ExprLit, Lit, LitStr, Result};

/// A label: a string literal, or an expression that is evaluated at each call.
pub(crate) enum Label {
    Literal(LitStr),
    Dynamic(Expr),
}

impl Label {
    /// Returns `value` as the label `name`.
    pub(super) fn new(name: &str, value: Expr) -> Result<Self> {
        match value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) if text.value().is_empty() => Err(Error::new(
                text.span(),
                format!("`{name}` must not be empty"),
            )),
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Ok(Self::Literal(text)),
            Expr::Lit(other) => Err(Error::new_spanned(
                other,
                format!(
                    "`{name}` must be a string literal, or an expression that returns a string"
                ),
            )),
            expression => Ok(Self::Dynamic(expression)),
        }
    }

    /// Returns the label as it was written.
    pub(super) fn into_expr(self) -> Expr {
        match self {
            Self::Literal(text) => Expr::Lit(ExprLit {
                attrs: Vec::new(),
                lit: Lit::Str(text),
            }),
            Self::Dynamic(expression) => expression,
        }
    }
}
