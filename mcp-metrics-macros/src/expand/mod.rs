//! The expansions of the macros.
//!
//! The generated code is short. The logic is in `mcp_metrics::__private`, which it calls.

mod block;
mod block_items;
mod block_mark;
mod body;
mod bounds;
mod control_flow;
mod docs;
mod error_type;
mod events;
mod expectations;
mod labels;
mod llm;
mod opaque;
mod opened;
mod outcome;
mod own_attributes;
mod queries;
mod request;
mod retry;
mod retry_loop;
mod stacking;
mod tracked;
mod wrap;
mod wrap_stream;

use proc_macro2::{Ident, Span, TokenStream};
use syn::Result;

use crate::attr::EventArgs;

/// Expands `#[tracked]`.
pub(crate) fn tracked(args: &TokenStream, item: &TokenStream) -> TokenStream {
    let expanded = if block::is_block(item) {
        block::expand(args, item)
    } else {
        tracked::expand(args, item)
    };
    or_error(expanded, item)
}

/// Expands `#[tracked_retry]`.
pub(crate) fn tracked_retry(args: &TokenStream, item: &TokenStream) -> TokenStream {
    or_error(retry::expand(args, item), item)
}

/// Expands `#[tracked_llm]`.
pub(crate) fn tracked_llm(args: &TokenStream, item: &TokenStream) -> TokenStream {
    or_error(llm::expand(args, item), item)
}

/// Expands the event attribute `name`, whose arguments `parse` parses.
pub(crate) fn event(
    name: &str,
    parse: fn(TokenStream) -> Result<EventArgs>,
    args: &TokenStream,
    item: &TokenStream,
) -> TokenStream {
    or_error(events::expand(name, parse, args, item), item)
}

/// Expands `#[derive(ErrorType)]`.
pub(crate) fn error_type(item: TokenStream) -> TokenStream {
    error_type::expand(item)
}

/// Returns the expansion, or compile errors followed by the unchanged item.
///
/// Without the item, each use of it would be an error, too.
fn or_error(expanded: Result<TokenStream>, item: &TokenStream) -> TokenStream {
    expanded.unwrap_or_else(|error| {
        let mut tokens = error.to_compile_error();
        tokens.extend(item.clone());
        tokens
    })
}

/// Returns a name with its location and a span in the expansion, where the compiler reports neither
/// the use of deprecated items nor lints about names.
fn derived(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(Span::mixed_site().located_at(name.span()));
    name
}
