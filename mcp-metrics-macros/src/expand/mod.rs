//! What the attributes and the derive write. The emitted code is short and calls
//! `mcp_metrics::__private`, where the logic is.

mod block;
mod docs;
pub(crate) mod error_type;
pub(crate) mod events;
mod labels;
mod leaving;
mod loops;
pub(crate) mod retry;
mod shape;
mod stacking;
pub(crate) mod tracked;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::attr::Krate;

/// The item as it was, after the error: so that the one message stands alone.
fn error_and_item(error: &syn::Error, item: &TokenStream) -> TokenStream {
    let mut tokens = error.to_compile_error();
    tokens.extend(item.clone());
    tokens
}

/// An expression of the label of `value`'s failure, `None` if it is a success.
fn failure(krate: &Krate, value: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=> {
        use #krate::__private::{ViaAny as _, ViaFuture as _, ViaOutcome as _, ViaResult as _};
        (&&&&&&#krate::__private::Returned(&#value)).failure()
    }}
}
