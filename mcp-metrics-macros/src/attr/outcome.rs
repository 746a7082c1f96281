//! The arguments about the outcome: `ok_if`, `error_if`, `error_type`, `stream`, `ok_if_dropped`.

use syn::{Error, Expr, ExprLit, Ident, Lit, LitStr, Result};

use super::label::Label;
use super::raw::Args;
use super::results::Results as _;

/// The arguments without a value.
pub(super) const FLAGS: [&str; 2] = ["stream", "ok_if_dropped"];

/// What the arguments define about the outcome of a value.
pub(crate) struct OutcomeArgs {
    pub(crate) rule: OutcomeRule,
    pub(crate) error_type: ErrorLabel,
    /// The flag `stream`: the request ends with the stream in the returned value.
    pub(crate) stream: Option<Ident>,
    /// The flag `ok_if_dropped`: dropping the stream before its end is a success.
    pub(crate) ok_if_dropped: Option<Ident>,
}

/// What decides whether a returned value is a failure.
pub(crate) enum OutcomeRule {
    /// The type of the value.
    Type,
    /// A predicate that returns `true` for successes.
    OkIf(Expr),
    /// A predicate that returns `true` for failures.
    ErrorIf(Expr),
}

/// Where the `error_type` label of a failure comes from.
pub(crate) enum ErrorLabel {
    /// The type of the error.
    Type,
    /// A literal in the attribute: one label for all failures.
    Literal(LitStr),
    /// A function of the error, or of the returned value if there is an `OutcomeRule` predicate.
    Function(Expr),
}

impl OutcomeArgs {
    /// Removes and returns the arguments.
    pub(super) fn take(args: &mut Args) -> Result<Self> {
        let (rule, error_type) = (
            OutcomeRule::new(args.take("ok_if"), args.take("error_if")),
            ErrorLabel::new(args.take("error_type")),
        )
            .all()?;
        Ok(Self {
            rule,
            error_type,
            stream: args.flag("stream").cloned(),
            ok_if_dropped: args.flag("ok_if_dropped").cloned(),
        })
    }

    /// Returns whether the outcome depends on the value even if its type cannot be a failure.
    pub(crate) fn reads_value(&self) -> bool {
        !matches!(
            (&self.rule, &self.error_type),
            (OutcomeRule::Type, ErrorLabel::Type | ErrorLabel::Literal(_))
        )
    }
}

impl OutcomeRule {
    fn new(ok_if: Option<Expr>, error_if: Option<Expr>) -> Result<Self> {
        match (ok_if, error_if) {
            (None, None) => Ok(Self::Type),
            (Some(ok), None) => Ok(Self::OkIf(function("ok_if", ok)?)),
            (None, Some(error)) => Ok(Self::ErrorIf(function("error_if", error)?)),
            (Some(_), Some(error)) => Err(Error::new_spanned(
                error,
                "`ok_if` and `error_if` are mutually exclusive",
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

/// Checks that an argument may be a function: a literal cannot be one.
pub(super) fn function(name: &str, value: Expr) -> Result<Expr> {
    match value {
        Expr::Lit(literal) => Err(Error::new_spanned(
            literal,
            format!(
                "`{name}` must be a function or closure that takes a reference, such as \
                 `{name} = |value| …`"
            ),
        )),
        value => Ok(value),
    }
}
