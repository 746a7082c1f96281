//! `#[tracked(…)]` on an `impl` block or a trait.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Expr, Path, Result};

use super::outcome::FLAGS;
use super::raw::RawArgs;
use super::results::Results as _;
use super::tracked::{agent, is_skip};

/// The configuration shared by the methods of a block.
pub(crate) struct BlockArgs {
    agent: Expr,
    error_type: Option<Expr>,
    docs: Option<bool>,
    /// The argument `crate`.
    krate_arg: Option<Expr>,
    pub(crate) krate: Path,
}

impl BlockArgs {
    /// Parses the attribute's arguments.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let raw = RawArgs::parse(tokens, &FLAGS)?;
        if let Some(flag) = raw.first_flag() {
            return Err(Error::new(
                flag.span(),
                format!(
                    "`{flag}` cannot be shared by all methods of a block; write \
                     `#[tracked({flag})]` on each method that returns a stream"
                ),
            ));
        }
        if let Some(operation) = raw.value_of("operation", 1) {
            return Err(Error::new_spanned(
                operation,
                "`operation` cannot be shared by all methods of a block; remove it to use each \
                 method's name",
            ));
        }
        let krate_arg = raw.value_of("crate", usize::MAX).cloned();
        let mut args = raw.resolve(&["agent"], &["agent", "error_type", "docs", "crate"])?;
        let (agent, docs, krate) =
            (agent(&mut args), args.take_bool("docs"), args.take_krate()).all()?;
        Ok(Self {
            agent: agent.into_expr(),
            error_type: args.take("error_type"),
            docs,
            krate_arg,
            krate,
        })
    }

    /// Returns the arguments of a method's own `#[tracked]`, with those of the block that it does
    /// not have. `None` if the method is not tracked.
    ///
    /// Syntax errors are reported when the method is expanded.
    pub(crate) fn inherit(&self, own: &TokenStream) -> Option<TokenStream> {
        if is_skip(own) {
            return None;
        }
        let Ok(raw) = RawArgs::parse(own.clone(), &FLAGS) else {
            return Some(own.clone());
        };
        let missing = |name: &str, position: usize, value: &Option<Expr>| {
            let missing = raw.value_of(name, position).is_none();
            value.clone().filter(|_| missing)
        };
        let agent = missing("agent", 0, &Some(self.agent.clone()));
        let agent = agent.map(|agent| quote!(agent = #agent,));
        let error_type = missing("error_type", usize::MAX, &self.error_type);
        let error_type = error_type.map(|label| quote!(error_type = #label,));
        let docs = self.docs.map(|docs| syn::parse_quote!(#docs));
        let docs = missing("docs", usize::MAX, &docs);
        let docs = docs.map(|docs| quote!(docs = #docs,));
        let krate = missing("crate", usize::MAX, &self.krate_arg);
        let krate = krate.map(|krate| quote!(crate = #krate,));
        Some(quote!(#agent #raw #error_type #docs #krate))
    }
}
