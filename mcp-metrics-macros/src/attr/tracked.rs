//! `#[tracked(…)]` on a function.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::{Error, Expr, ExprLit, Ident, Lit, LitStr, Path, Result};

use super::label::Label;
use super::raw::{Args, RawArgs};
use super::results::Results as _;

/// The configuration of a tracked function.
pub(crate) struct TrackedArgs {
    pub(crate) agent: Label,
    pub(crate) operation: Label,
    pub(crate) outcome_rule: OutcomeRule,
    pub(crate) error_type: ErrorLabel,
    /// The flag `stream`: the request ends with the stream in the returned value.
    pub(crate) stream: Option<Ident>,
    /// The flag `ok_if_dropped`: dropping the stream before its end is a success.
    pub(crate) ok_if_dropped: Option<Ident>,
    pub(crate) krate: Path,
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

const KNOWN: [&str; 8] = [
    "agent",
    "operation",
    "ok_if",
    "error_if",
    "error_type",
    "stream",
    "ok_if_dropped",
    "crate",
];

/// The arguments without a value.
pub(super) const FLAGS: [&str; 2] = ["stream", "ok_if_dropped"];

/// Returns whether the arguments are `skip`, which excludes a method of a tracked block.
pub(crate) fn is_skip(tokens: &TokenStream) -> bool {
    syn::parse2::<Ident>(tokens.clone()).is_ok_and(|word| word == "skip")
}

/// Returns whether the arguments of a method's attribute contain the flag `stream`.
pub(crate) fn ends_with_stream(tokens: &TokenStream) -> bool {
    RawArgs::parse(tokens.clone(), &FLAGS).is_ok_and(|args| args.flag("stream").is_some())
}

/// Removes and returns the label `agent`.
pub(super) fn agent(args: &mut Args) -> Result<Label> {
    args.take_label(
        "agent",
        "`#[tracked(\"agent\")]` or `#[tracked(\"agent\", \"operation\")]`",
    )
}

impl TrackedArgs {
    /// Parses the arguments of an attribute on `function`.
    pub(crate) fn parse(tokens: TokenStream, function: &Ident) -> Result<Self> {
        let mut args = RawArgs::parse(tokens, &FLAGS)?.resolve(&["agent", "operation"], &KNOWN)?;
        let (agent, operation, outcome_rule, error_type, krate) = (
            agent(&mut args),
            operation(&mut args, function),
            OutcomeRule::new(args.take("ok_if"), args.take("error_if")),
            ErrorLabel::new(args.take("error_type")),
            args.take_krate(),
        )
            .all()?;
        Ok(Self {
            agent,
            operation,
            outcome_rule,
            error_type,
            stream: args.flag("stream").cloned(),
            ok_if_dropped: args.flag("ok_if_dropped").cloned(),
            krate,
        })
    }

    /// Returns whether the outcome depends on the value even if its type cannot be a failure.
    pub(crate) fn reads_value(&self) -> bool {
        !matches!(
            (&self.outcome_rule, &self.error_type),
            (OutcomeRule::Type, ErrorLabel::Type | ErrorLabel::Literal(_))
        )
    }
}

/// Removes and returns the label `operation`, which is the function's name by default.
fn operation(args: &mut Args, function: &Ident) -> Result<Label> {
    match args.take("operation") {
        Some(value) => Label::new("operation", value),
        None => Ok(Label::Literal(LitStr::new(
            &function.unraw().to_string(),
            function.span(),
        ))),
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
