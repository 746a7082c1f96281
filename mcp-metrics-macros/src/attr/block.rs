//! `#[tracked(…)]` on an `impl` block or a trait.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, Result};

use super::{Errors, Krate, Label, RawArgs};

/// The configuration shared by the methods of a block.
pub(crate) struct BlockArgs {
    agent: Expr,
    tokens: TokenStream,
    pub(crate) krate: Krate,
}

impl BlockArgs {
    /// Parses the attribute's arguments.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let raw = RawArgs::parse(tokens.clone(), &[])?;
        if let Some(operation) = raw.value_of("operation", 1) {
            return Err(syn::Error::new_spanned(
                operation,
                "`operation` cannot be shared by all methods of a block; remove it to use each \
                 method's name",
            ));
        }
        let mut args = raw.resolve(&["agent"], &["agent", "error_type", "crate"])?;
        let mut errors = Errors::default();
        let agent = args.take("agent");
        errors.take(Label::agent(agent.clone()));
        let krate = errors.take(args.krate());
        errors.finish()?;
        match (agent, krate) {
            (Some(agent), Some(krate)) => Ok(Self {
                agent,
                tokens,
                krate,
            }),
            _ => unreachable!("a missing argument is an error"),
        }
    }

    /// Returns the arguments for a method without a `#[tracked]` attribute.
    pub(crate) fn for_method(&self) -> &TokenStream {
        &self.tokens
    }

    /// Returns the arguments for a method whose own `#[tracked]` attribute has the arguments `own`.
    ///
    /// Adds the block's agent if `own` has none.
    pub(crate) fn merged(&self, own: &TokenStream) -> TokenStream {
        let has_agent =
            RawArgs::parse(own.clone(), &[]).map_or(true, |raw| raw.value_of("agent", 0).is_some());
        let agent = &self.agent;
        if has_agent {
            own.clone()
        } else {
            quote!(agent = #agent, #own)
        }
    }
}
