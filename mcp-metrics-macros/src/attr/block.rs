//! `#[tracked(…)]` on an `impl` block or a trait.

use proc_macro2::TokenStream;
use syn::{Error, Expr, Path, Result};

use super::raw::RawArgs;
use super::results::Results as _;
use super::tracked::{agent, is_skip};

/// The configuration shared by the methods of a block.
pub(crate) struct BlockArgs {
    pub(crate) agent: Expr,
    pub(crate) krate: Path,
}

impl BlockArgs {
    /// Parses the attribute's arguments.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let raw = RawArgs::parse(tokens, &[])?;
        if let Some(operation) = raw.value_of("operation", 1) {
            return Err(Error::new_spanned(
                operation,
                "`operation` cannot be shared by all methods of a block; remove it to use each \
                 method's name",
            ));
        }
        let mut args = raw.resolve(&["agent"], &["agent", "error_type", "crate"])?;
        let (agent, krate) = (agent(&mut args), args.take_krate()).all()?;
        let agent = agent.into_expr();
        Ok(Self { agent, krate })
    }
}

/// The arguments of a method's own `#[tracked]` in a tracked block, as far as the block reads them.
pub(crate) enum MethodArgs {
    /// The method is not tracked.
    Skip,
    /// The method has an agent of its own, or arguments with a syntax error.
    Own,
    /// The method uses the block's agent.
    Inherit,
}

impl MethodArgs {
    /// Parses the attribute's arguments. Their errors are reported when the method is expanded.
    pub(crate) fn parse(tokens: &TokenStream) -> Self {
        if is_skip(tokens) {
            return Self::Skip;
        }
        match RawArgs::parse(tokens.clone(), &[]) {
            Ok(raw) if raw.value_of("agent", 0).is_none() => Self::Inherit,
            _ => Self::Own,
        }
    }
}
