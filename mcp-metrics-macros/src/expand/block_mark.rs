//! A mark in the body of a method that the attribute on its block tracks.
//!
//! The block recognizes a method's own `#[tracked]` by its path. Under another name (`use tracked as
//! metered`), the attribute would track the method a second time, or skip a method that the block
//! has tracked. It finds the mark and reports an error instead.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::{Error, Path, Result};

use crate::function::Function;

const MARK: &str = "tracked_by_block";

/// The depth of the mark in an item: the statements of the body.
const DEPTH: usize = 1;

/// Returns the mark, a statement, if one of the method's attributes may be `#[tracked]` under
/// another name.
pub(super) fn statement(method: &Function, krate: &Path) -> Option<TokenStream> {
    if !method.has_other_attributes() {
        return None;
    }
    let mark = syn::Ident::new(MARK, Span::mixed_site());
    Some(quote_spanned!(Span::mixed_site()=> #krate::__private::#mark();))
}

/// Returns an error if the item has the mark.
pub(super) fn check(item: &TokenStream) -> Result<()> {
    if !has_mark(item, DEPTH) {
        return Ok(());
    }
    Err(Error::new(
        Span::call_site(),
        "the attribute on the block already tracks this method, because it does not recognize this \
         one by its name; write `#[tracked(…)]` or `#[mcp_metrics::tracked(…)]`",
    ))
}

fn has_mark(tokens: &TokenStream, depth: usize) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == MARK,
        TokenTree::Group(group) if depth > 0 => has_mark(&group.stream(), depth - 1),
        _ => false,
    })
}
