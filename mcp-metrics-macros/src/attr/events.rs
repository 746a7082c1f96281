//! `#[tracked_search]`, `#[tracked_execution]` and `#[tracked_cache(…)]`.

use proc_macro2::TokenStream;
use syn::{Path, Result};

use super::label::Label;
use super::raw::{Args, RawArgs};
use super::results::Results as _;

/// The event that a call of a function is counted as, in addition to a request.
pub(crate) enum Event {
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
    pub(crate) krate: Path,
}

impl EventArgs {
    /// Parses the arguments of `#[tracked_search]`.
    pub(crate) fn search(tokens: TokenStream) -> Result<Self> {
        Self::without_labels(tokens, Event::Search)
    }

    /// Parses the arguments of `#[tracked_execution]`.
    pub(crate) fn execution(tokens: TokenStream) -> Result<Self> {
        Self::without_labels(tokens, Event::Execution)
    }

    /// Parses the arguments of `#[tracked_cache]`.
    pub(crate) fn cache(tokens: TokenStream) -> Result<Self> {
        let usage = "`#[tracked_cache(\"llm\")]`";
        let mut args = parse(tokens, &["cache_type"], &["cache_type", "crate"])?;
        let cache_type = args.take_label("cache_type", usage);
        let (cache_type, krate) = (cache_type, args.take_krate()).all()?;
        let event = Event::Cache { cache_type };
        Ok(Self { event, krate })
    }

    fn without_labels(tokens: TokenStream, event: Event) -> Result<Self> {
        let krate = parse(tokens, &[], &["crate"])?.take_krate()?;
        Ok(Self { event, krate })
    }
}

fn parse(tokens: TokenStream, order: &[&str], known: &[&str]) -> Result<Args> {
    RawArgs::parse(tokens, &[])?.resolve(order, known)
}
