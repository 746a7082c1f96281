//! `#[tracked(…)]`.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::{Error, Ident, LitStr, Result};

use super::{Errors, Krate, Label, RawArgs};

/// How a function's calls are counted.
pub(crate) struct TrackedArgs {
    pub(crate) agent: Label,
    pub(crate) operation: Label,
    pub(crate) krate: Krate,
}

impl TrackedArgs {
    /// Reads the arguments of an attribute on `function`.
    pub(crate) fn parse(tokens: TokenStream, function: &Ident) -> Result<Self> {
        let mut args = RawArgs::parse(tokens, &[])?
            .resolve(&["agent", "operation"], &["agent", "operation", "crate"])?;
        let mut errors = Errors::default();
        let agent = args.take("agent").ok_or_else(|| {
            Error::new(
                Span::call_site(),
                "who is being called? write `#[tracked(\"agent\")]` or \
                 `#[tracked(\"agent\", \"operation\")]`",
            )
        });
        let agent = errors.take(agent.and_then(|value| Label::new("agent", value)));
        let operation = errors.take(args.take("operation").map_or_else(
            || {
                Ok(Label::Literal(LitStr::new(
                    &function.unraw().to_string(),
                    function.span(),
                )))
            },
            |value| Label::new("operation", value),
        ));
        let krate = errors.take(args.krate());
        errors.finish()?;
        match (agent, operation, krate) {
            (Some(agent), Some(operation), Some(krate)) => Ok(Self {
                agent,
                operation,
                krate,
            }),
            _ => unreachable!("what is missing was an error"),
        }
    }
}
