//! `#[tracked(…)]` on a function.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::{Ident, LitStr, Path, Result};

use super::label::Label;
use super::outcome::{FLAGS, OutcomeArgs};
use super::raw::{Args, RawArgs};
use super::results::Results as _;

/// The configuration of a tracked function.
pub(crate) struct TrackedArgs {
    pub(crate) agent: Label,
    pub(crate) operation: Label,
    pub(crate) outcome: OutcomeArgs,
    /// Whether the function's documentation gets a section with queries.
    pub(crate) docs: Option<bool>,
    pub(crate) krate: Path,
}

const KNOWN: [&str; 9] = [
    "agent",
    "operation",
    "ok_if",
    "error_if",
    "error_type",
    "stream",
    "ok_if_dropped",
    "docs",
    "crate",
];

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
        let (agent, operation, outcome, docs, krate) = (
            agent(&mut args),
            operation(&mut args, function),
            OutcomeArgs::take(&mut args),
            args.take_bool("docs"),
            args.take_krate(),
        )
            .all()?;
        Ok(Self {
            agent,
            operation,
            outcome,
            docs,
            krate,
        })
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
