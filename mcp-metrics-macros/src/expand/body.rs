//! A function's body as a closure, an `async` block or a block.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::{Path, ReturnType, Token, Type};

use super::control_flow::may_return_early;
use crate::function::Function;
use crate::returns::{future_output, nameable};

/// Returns a statement that evaluates the user's body to the local `name`.
///
/// The body becomes a closure, so that it may return early. In a closure, `Location::caller()`
/// returns the function's own line, so a `#[track_caller]` body without early returns becomes a
/// block instead.
pub(super) fn evaluate(krate: &Path, function: &Function, name: &str) -> TokenStream {
    let name = Ident::new(name, Span::mixed_site());
    let Function { sig, body, .. } = function;
    if function.is_track_caller() && !may_return_early(&body.stream()) {
        let ty = match &sig.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, ty) => nameable(ty),
        };
        let statements = body.stream();
        quote_spanned! {Span::mixed_site()=>
            let #name: #ty = { #statements };
            #[allow(unreachable_code, reason = "the body may diverge")]
            let #name = #name;
        }
    } else {
        let value = closure_call(krate, function, Some(Token![move](Span::mixed_site())));
        quote_spanned!(Span::mixed_site()=> let #name = #value;)
    }
}

/// Returns an expression that calls a closure with the user's body.
pub(super) fn closure_call(
    krate: &Path,
    function: &Function,
    capture: Option<Token![move]>,
) -> TokenStream {
    let output = closure_output(&function.sig.output);
    let body = &function.body;
    quote_spanned!(Span::mixed_site()=> #krate::__private::call(#capture || #output #body))
}

/// Returns an `async` block with the user's body.
pub(super) fn async_block(function: &Function, capture: Option<Token![move]>) -> TokenStream {
    let typed = async_output(&function.sig.output);
    let statements = function.body.stream();
    quote_spanned!(Span::mixed_site()=> async #capture { #typed #statements })
}

/// Returns the output type of a future, or `_` if it cannot be named.
///
/// The code that reads the value needs its type, which inference may not have determined yet.
pub(super) fn future_value(output: &ReturnType) -> Type {
    future_output(output).unwrap_or_else(|| syn::parse_quote!(_))
}

/// Returns `-> Type` for a closure, without the types that cannot be named.
fn closure_output(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Default => quote_spanned!(Span::mixed_site()=> -> ()),
        ReturnType::Type(_, ty) if matches!(**ty, Type::ImplTrait(_)) => TokenStream::new(),
        ReturnType::Type(arrow, ty) => {
            let ty = nameable(ty);
            quote_spanned!(Span::mixed_site()=> #arrow #ty)
        }
    }
}

/// Returns a statement that never runs and fixes the type of an `async` block.
///
/// As in a function, early returns are then coerced and type errors point at the user's line.
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
