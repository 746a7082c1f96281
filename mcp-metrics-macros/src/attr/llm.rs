//! `#[tracked_llm(…)]`.

use proc_macro2::{Span, TokenStream};
use syn::{Expr, LitStr, Path, Result};

use super::label::Label;
use super::outcome::{FLAGS, OutcomeArgs, function};
use super::raw::RawArgs;
use super::results::Results as _;

/// `gen_ai_operation_name` unless an argument sets another.
const DEFAULT_OPERATION: &str = "chat";

const KNOWN: [&str; 10] = [
    "provider",
    "model",
    "operation",
    "usage",
    "ok_if",
    "error_if",
    "error_type",
    "stream",
    "ok_if_dropped",
    "crate",
];

/// The configuration of a function that makes an LLM call.
pub(crate) struct LlmArgs {
    pub(crate) provider: Label,
    pub(crate) model: Label,
    pub(crate) operation: Label,
    /// A function that returns the token usage of a reply.
    pub(crate) usage: Option<Expr>,
    pub(crate) outcome: OutcomeArgs,
    pub(crate) krate: Path,
}

impl LlmArgs {
    /// Parses the arguments.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let expected = "`#[tracked_llm(provider = \"openai\", model = \"gpt-4\")]`";
        let mut args = RawArgs::parse(tokens, &FLAGS)?.resolve(&["provider", "model"], &KNOWN)?;
        let operation = match args.take("operation") {
            Some(value) => Label::new("operation", value),
            None => Ok(Label::Literal(LitStr::new(
                DEFAULT_OPERATION,
                Span::call_site(),
            ))),
        };
        let usage = args.take("usage").map(|usage| function("usage", usage));
        let (labels, usage, outcome, krate) = (
            (
                args.take_label("provider", expected),
                args.take_label("model", expected),
                operation,
            )
                .all(),
            usage.transpose(),
            OutcomeArgs::take(&mut args),
            args.take_krate(),
        )
            .all()?;
        let (provider, model, operation) = labels;
        Ok(Self {
            provider,
            model,
            operation,
            usage,
            outcome,
            krate,
        })
    }
}
