//! `#[tracked_llm(…)]`, `#[tracked_search]`, `#[tracked_execution]` and `#[tracked_cache(…)]`.

use proc_macro2::{Span, TokenStream};
use syn::{Error, Result};

use super::{Errors, Krate, Label, RawArgs};

/// The event that a call of a function is counted as, in addition to a request.
pub(crate) enum Event {
    /// An LLM API call.
    Llm { provider: Label, model: Label },
    /// A search API call.
    Search,
    /// A code execution.
    Execution,
    /// A cache lookup.
    Cache { cache_type: Label },
}

/// The configuration of an event attribute.
pub(crate) struct EventArgs {
    pub(crate) event: Event,
    pub(crate) krate: Krate,
}

impl EventArgs {
    /// Parses the arguments of `#[tracked_llm]`.
    pub(crate) fn llm(tokens: TokenStream) -> Result<Self> {
        labels(
            tokens,
            ["provider", "model"],
            "#[tracked_llm(provider = \"openai\", model = \"gpt-4\")]",
        )
        .map(|([provider, model], krate)| Self {
            event: Event::Llm { provider, model },
            krate,
        })
    }

    /// Parses the arguments of `#[tracked_search]`.
    pub(crate) fn search(tokens: TokenStream) -> Result<Self> {
        labels(tokens, [], "#[tracked_search]").map(|([], krate)| Self {
            event: Event::Search,
            krate,
        })
    }

    /// Parses the arguments of `#[tracked_execution]`.
    pub(crate) fn execution(tokens: TokenStream) -> Result<Self> {
        labels(tokens, [], "#[tracked_execution]").map(|([], krate)| Self {
            event: Event::Execution,
            krate,
        })
    }

    /// Parses the arguments of `#[tracked_cache]`.
    pub(crate) fn cache(tokens: TokenStream) -> Result<Self> {
        labels(tokens, ["cache_type"], "#[tracked_cache(\"llm\")]").map(|([cache_type], krate)| {
            Self {
                event: Event::Cache { cache_type },
                krate,
            }
        })
    }
}

/// Parses required label arguments, given by position or by name.
fn labels<const N: usize>(
    tokens: TokenStream,
    names: [&'static str; N],
    example: &str,
) -> Result<([Label; N], Krate)> {
    let known: Vec<_> = names.into_iter().chain(["crate"]).collect();
    let mut args = RawArgs::parse(tokens, &[])?.resolve(&names, &known)?;
    let mut errors = Errors::default();
    let found = names.map(|name| {
        let missing = || {
            Error::new(
                Span::call_site(),
                format!("missing argument `{name}`; expected `{example}`"),
            )
        };
        let label = args.take(name).ok_or_else(missing);
        errors.take(label.and_then(|value| Label::new(name, value)))
    });
    let krate = errors.take(args.krate());
    errors.finish()?;
    match krate {
        Some(krate) if found.iter().all(Option::is_some) => {
            let found =
                found.map(|label| label.unwrap_or_else(|| unreachable!("all labels are `Some`")));
            Ok((found, krate))
        }
        _ => unreachable!("a missing argument is an error"),
    }
}
