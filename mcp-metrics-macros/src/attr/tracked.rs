//! `#[tracked(…)]`.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::{Error, Expr, ExprLit, Ident, Lit, LitStr, Result};

use super::{Errors, Krate, Label, RawArgs};

/// How a function's calls are counted.
pub(crate) struct TrackedArgs {
    pub(crate) agent: Label,
    pub(crate) operation: Label,
    pub(crate) judge: Judge,
    pub(crate) error_type: ErrorLabel,
    pub(crate) krate: Krate,
}

/// Who says whether a returned value is a failure.
pub(crate) enum Judge {
    /// Its type.
    Type,
    /// A function that is true of successes.
    OkIf(Expr),
    /// A function that is true of failures.
    ErrorIf(Expr),
}

/// Where a failure's label comes from.
pub(crate) enum ErrorLabel {
    /// Its type.
    Type,
    /// The attribute: one label for all.
    Literal(LitStr),
    /// A function.
    Function(Expr),
}

const KNOWN: [&str; 6] = [
    "agent",
    "operation",
    "ok_if",
    "error_if",
    "error_type",
    "crate",
];

impl TrackedArgs {
    /// Reads the arguments of an attribute on `function`.
    pub(crate) fn parse(tokens: TokenStream, function: &Ident) -> Result<Self> {
        let mut args = RawArgs::parse(tokens, &[])?.resolve(&["agent", "operation"], &KNOWN)?;
        let mut errors = Errors::default();
        let agent = errors.take(Label::agent(args.take("agent")));
        let operation = errors.take(args.take("operation").map_or_else(
            || {
                Ok(Label::Literal(LitStr::new(
                    &function.unraw().to_string(),
                    function.span(),
                )))
            },
            |value| Label::new("operation", value),
        ));
        let judge = errors.take(Judge::new(args.take("ok_if"), args.take("error_if")));
        let error_type = errors.take(ErrorLabel::new(args.take("error_type")));
        let krate = errors.take(args.krate());
        errors.finish()?;
        match (agent, operation, judge, error_type, krate) {
            (Some(agent), Some(operation), Some(judge), Some(error_type), Some(krate)) => {
                Ok(Self {
                    agent,
                    operation,
                    judge,
                    error_type,
                    krate,
                })
            }
            _ => unreachable!("what is missing was an error"),
        }
    }

    /// Whether the value must be looked at whatever its type.
    pub(crate) fn reads_value(&self) -> bool {
        !matches!(
            (&self.judge, &self.error_type),
            (Judge::Type, ErrorLabel::Type | ErrorLabel::Literal(_))
        )
    }
}

impl Label {
    /// Takes `value` as the agent, which must be given.
    pub(super) fn agent(value: Option<Expr>) -> Result<Self> {
        let value = value.ok_or_else(|| {
            Error::new(
                Span::call_site(),
                "who is being called? write `#[tracked(\"agent\")]` or \
                 `#[tracked(\"agent\", \"operation\")]`",
            )
        })?;
        Self::new("agent", value)
    }
}

impl Judge {
    fn new(ok_if: Option<Expr>, error_if: Option<Expr>) -> Result<Self> {
        match (ok_if, error_if) {
            (None, None) => Ok(Self::Type),
            (Some(ok), None) => Ok(Self::OkIf(function("ok_if", ok)?)),
            (None, Some(error)) => Ok(Self::ErrorIf(function("error_if", error)?)),
            (Some(_), Some(error)) => Err(Error::new_spanned(
                error,
                "`ok_if` and `error_if` say the same from two sides; keep one of them",
            )),
        }
    }
}

impl ErrorLabel {
    fn new(value: Option<Expr>) -> Result<Self> {
        let Some(value) = value else {
            return Ok(Self::Type);
        };
        if !matches!(
            value,
            Expr::Lit(ExprLit {
                lit: Lit::Str(_),
                ..
            })
        ) {
            return function("error_type", value).map(Self::Function);
        }
        match Label::new("error_type", value)? {
            Label::Literal(label) => Ok(Self::Literal(label)),
            Label::Dynamic(function) => Ok(Self::Function(function)),
        }
    }
}

/// A path or a closure; a literal is neither.
fn function(name: &str, value: Expr) -> Result<Expr> {
    match value {
        Expr::Lit(literal) => Err(Error::new_spanned(
            literal,
            format!("`{name}` is a function or a closure of a reference: `{name} = |value| …`"),
        )),
        value => Ok(value),
    }
}
