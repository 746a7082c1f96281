//! `#[tracked(…)]`.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::{Error, Expr, ExprLit, Ident, Lit, LitStr, Result};

use super::{Errors, Krate, Label, RawArgs};

/// The configuration of a tracked function.
pub(crate) struct TrackedArgs {
    pub(crate) agent: Label,
    pub(crate) operation: Label,
    pub(crate) outcome_rule: OutcomeRule,
    pub(crate) error_type: ErrorLabel,
    pub(crate) krate: Krate,
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

const KNOWN: [&str; 6] = [
    "agent",
    "operation",
    "ok_if",
    "error_if",
    "error_type",
    "crate",
];

impl TrackedArgs {
    /// Parses the arguments of an attribute on `function`.
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
        let outcome_rule = errors.take(OutcomeRule::new(args.take("ok_if"), args.take("error_if")));
        let error_type = errors.take(ErrorLabel::new(args.take("error_type")));
        let krate = errors.take(args.krate());
        errors.finish()?;
        match (agent, operation, outcome_rule, error_type, krate) {
            (Some(agent), Some(operation), Some(outcome_rule), Some(error_type), Some(krate)) => {
                Ok(Self {
                    agent,
                    operation,
                    outcome_rule,
                    error_type,
                    krate,
                })
            }
            _ => unreachable!("a missing argument is an error"),
        }
    }

    /// Returns whether the outcome depends on the value even if its type cannot be a failure.
    pub(crate) fn reads_value(&self) -> bool {
        !matches!(
            (&self.outcome_rule, &self.error_type),
            (OutcomeRule::Type, ErrorLabel::Type | ErrorLabel::Literal(_))
        )
    }
}

impl Label {
    /// Returns the label `agent`; an error if `value` is `None`.
    pub(super) fn agent(value: Option<Expr>) -> Result<Self> {
        let value = value.ok_or_else(|| {
            Error::new(
                Span::call_site(),
                "missing argument `agent`; expected `#[tracked(\"agent\")]` or \
                 `#[tracked(\"agent\", \"operation\")]`",
            )
        })?;
        Self::new("agent", value)
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
fn function(name: &str, value: Expr) -> Result<Expr> {
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
