//! `#[tracked(…)]` on an `impl` block or a trait.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, Result};

use super::{Errors, Krate, Label, RawArgs};

/// How the methods of a block are counted.
pub(crate) struct BlockArgs {
    agent: Expr,
    tokens: TokenStream,
    pub(crate) krate: Krate,
}

impl BlockArgs {
    /// Reads the attribute's arguments.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let raw = RawArgs::parse(tokens.clone(), &[])?;
        if let Some(operation) = raw.value_of("operation", 1) {
            return Err(syn::Error::new_spanned(
                operation,
                "one `operation` for all methods would mix them; leave it out, and each goes by \
                 its own name",
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
            _ => unreachable!("what is missing was an error"),
        }
    }

    /// The arguments for a method that has no attribute of its own.
    pub(crate) fn for_method(&self) -> &TokenStream {
        &self.tokens
    }

    /// The arguments for a method that has these of its own: with the block's agent if it names
    /// none.
    pub(crate) fn merged(&self, own: &TokenStream) -> TokenStream {
        let names_agent =
            RawArgs::parse(own.clone(), &[]).map_or(true, |raw| raw.value_of("agent", 0).is_some());
        let agent = &self.agent;
        if names_agent {
            own.clone()
        } else {
            quote!(agent = #agent, #own)
        }
    }
}
