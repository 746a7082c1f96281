//! What the attributes and the derive write. The emitted code is short and calls
//! `mcp_metrics::__private`, where the logic is.

pub(crate) mod error_type;
mod loops;
pub(crate) mod retry;
pub(crate) mod tracked;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{ReturnType, Type};

use crate::attr::Krate;
use crate::returns::nameable;

/// The item as it was, after the error: so that the one message stands alone.
fn error_and_item(error: &syn::Error, item: &TokenStream) -> TokenStream {
    let mut tokens = error.to_compile_error();
    tokens.extend(item.clone());
    tokens
}

/// An expression of the label of `value`'s failure, `None` if it is a success.
fn failure(krate: &Krate, value: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=> {
        use #krate::__private::{ViaAny as _, ViaOutcome as _, ViaResult as _};
        (&&&#krate::__private::Returned(&#value)).failure()
    }}
}

/// `-> Type` for a closure, as far as the type can be named.
fn closure_output(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote_spanned!(Span::mixed_site()=> -> ()),
        ReturnType::Type(arrow, ty) => {
            let ty = nameable(ty);
            quote_spanned!(Span::mixed_site()=> #arrow #ty)
        }
    }
}

/// A statement that never runs and tells an `async` block its type, so that early returns are
/// coerced and errors point at the user's line, as in a function.
fn async_output(output: &ReturnType) -> TokenStream {
    let ty = match output {
        ReturnType::Default => syn::parse_quote!(()),
        ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_) | Type::ImplTrait(_)) => {
            return TokenStream::new();
        }
        ReturnType::Type(_, ty) => nameable(ty),
    };
    quote_spanned! {Span::mixed_site()=>
        #[allow(
            unreachable_code,
            clippy::all,
            clippy::pedantic,
            reason = "never runs; names the type"
        )]
        if false {
            let never: #ty = loop {};
            return never;
        }
    }
}
