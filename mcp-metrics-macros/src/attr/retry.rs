//! `#[tracked_retry(…)]`.

use proc_macro2::TokenStream;
use syn::{Expr, Path, Result};

use super::backoff::{Backoff, GeneratedLoop};
use super::label::Label;
use super::raw::{Args, RawArgs};
use super::results::Results as _;

/// The configuration of a retry loop.
pub(crate) struct RetryArgs {
    pub(crate) service: Label,
    /// Selects the errors that are retried; `None` retries every error.
    pub(crate) retry_if: Option<Expr>,
    /// `None` if the function's body contains the loop.
    pub(crate) generated: Option<GeneratedLoop>,
    pub(crate) krate: Path,
}

const KNOWN: [&str; 7] = [
    "service",
    "attempts",
    "delay",
    "factor",
    "max_delay",
    "retry_if",
    "crate",
];

impl RetryArgs {
    /// Parses the attribute's arguments.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let mut args = RawArgs::parse(tokens, &["jitter"])?.resolve(&["service"], &KNOWN)?;
        let (service, krate, generated) = (
            args.take_label("service", "`#[tracked_retry(\"service\")]`"),
            args.take_krate(),
            generated(&mut args),
        )
            .all()?;
        Ok(Self {
            service,
            retry_if: args.take("retry_if"),
            generated,
            krate,
        })
    }
}

fn generated(args: &mut Args) -> Result<Option<GeneratedLoop>> {
    let attempts = args.take("attempts");
    let backoff = Backoff {
        delay: args.take("delay"),
        factor: args.take("factor"),
        max_delay: args.take("max_delay"),
        jitter: args.flag("jitter").cloned(),
    };
    match attempts {
        Some(attempts) => GeneratedLoop::new(attempts, backoff).map(Some),
        None => backoff.must_be_empty().map(|()| None),
    }
}
