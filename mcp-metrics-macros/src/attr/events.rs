//! `#[tracked_llm(…)]`, `#[tracked_search]`, `#[tracked_execution]` and `#[tracked_cache(…)]`.

use proc_macro2::{Span, TokenStream};
use syn::{Error, Result};

use super::{Errors, Krate, Label, RawArgs};

/// What a call of a function is, besides a request.
pub(crate) enum Event {
    /// A call of an LLM API.
    Llm { provider: Label, model: Label },
    /// A call of a search API.
    Search,
    /// An execution of code.
    Execution,
    /// A look-up in a cache.
    Cache { cache_type: Label },
}

/// An event and the path of the runtime crate.
pub(crate) struct EventArgs {
    pub(crate) event: Event,
    pub(crate) krate: Krate,
}

impl EventArgs {
    /// Reads the arguments of `#[tracked_llm]`.
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

    /// Reads the arguments of `#[tracked_search]`.
    pub(crate) fn search(tokens: TokenStream) -> Result<Self> {
        labels(tokens, [], "#[tracked_search]").map(|([], krate)| Self {
            event: Event::Search,
            krate,
        })
    }

    /// Reads the arguments of `#[tracked_execution]`.
    pub(crate) fn execution(tokens: TokenStream) -> Result<Self> {
        labels(tokens, [], "#[tracked_execution]").map(|([], krate)| Self {
            event: Event::Execution,
            krate,
        })
    }

    /// Reads the arguments of `#[tracked_cache]`.
    pub(crate) fn cache(tokens: TokenStream) -> Result<Self> {
        labels(tokens, ["cache_type"], "#[tracked_cache(\"llm\")]").map(|([cache_type], krate)| {
            Self {
                event: Event::Cache { cache_type },
                krate,
            }
        })
    }
}

/// Reads labels that must all be given, by position or by name.
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
                format!("`{name}` is missing; write `{example}`"),
            )
        };
        let label = args.take(name).ok_or_else(missing);
        errors.take(label.and_then(|value| Label::new(name, value)))
    });
    let krate = errors.take(args.krate());
    errors.finish()?;
    match krate {
        Some(krate) if found.iter().all(Option::is_some) => {
            let found = found.map(|label| label.unwrap_or_else(|| unreachable!("it is there")));
            Ok((found, krate))
        }
        _ => unreachable!("what is missing was an error"),
    }
}
