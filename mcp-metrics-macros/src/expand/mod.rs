//! The expansions of the macros.
//!
//! The generated code is short. The logic is in `mcp_metrics::__private`, which it calls.

mod block;
mod control_flow;
mod docs;
pub(crate) mod error_type;
pub(crate) mod events;
mod labels;
pub(crate) mod retry;
mod retry_loop;
mod stacking;
pub(crate) mod tracked;
mod wrap;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::attr::Krate;

/// Returns a compile error followed by the unchanged item.
///
/// Without the item, each use of it would be an error, too.
fn error_and_item(error: &syn::Error, item: &TokenStream) -> TokenStream {
    let mut tokens = error.to_compile_error();
    tokens.extend(item.clone());
    tokens
}

/// Returns an expression of the `error_type` label of `value`, which is `None` for a success.
fn failure(krate: &Krate, value: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=> {
        use #krate::__private::{ViaAny as _, ViaFuture as _, ViaOutcome as _, ViaResult as _};
        (&&&&&&#krate::__private::Returned(&#value)).failure()
    }}
}
