//! Wrapping of a function's body in code that runs before and after it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Path, ReturnType, Type};

use super::control_flow::may_return_early;
use crate::function::Function;
use crate::returns::{Returns, future_output, nameable};

/// Code to run before and after a body.
pub(super) struct BodyWrapper<'a> {
    pub(super) krate: &'a Path,
    /// Runs when the function is called. May use its arguments.
    pub(super) at_call: TokenStream,
    /// Runs when the body starts; a future's body starts at its first poll.
    pub(super) at_start: TokenStream,
    /// Runs after the body. The local `value` is the body's value.
    pub(super) at_end: Option<TokenStream>,
}

impl BodyWrapper<'_> {
    /// Returns the wrapped body of the function.
    pub(super) fn apply(&self, function: &Function) -> TokenStream {
        let Self {
            krate,
            at_call,
            at_start,
            at_end,
        } = self;
        let output = &function.sig.output;
        let body = &function.body;
        let statements = body.stream();
        match (Returns::of(&function.sig), at_end) {
            // Input:  fn f() -> u8 { 1 }
            // Output: fn f() -> u8 { <at_call> <at_start> 1 }
            (
                Returns::Plain
                | Returns::Value
                | Returns::Async
                | Returns::Stream
                | Returns::BoxedStream,
                None,
            ) => {
                quote!(#at_call #at_start #statements)
            }
            // Output: fn f() -> u8 {
            //             <at_call> <at_start>
            //             let value = call(move || -> u8 { 1 });
            //             <at_end>
            //             value
            //         }
            (Returns::Plain | Returns::Value, Some(at_end)) => {
                let value = evaluate(krate, function, "value");
                quote_spanned! {Span::mixed_site()=>
                    #at_call
                    #at_start
                    #value
                    #at_end
                    value
                }
            }
            // Output: async fn f() -> u8 {
            //             <at_call> <at_start>
            //             let value = async move { 1 }.await;
            //             <at_end>
            //             value
            //         }
            (Returns::Async, Some(at_end)) => {
                let typed = async_output(output);
                quote_spanned! {Span::mixed_site()=>
                    #at_call
                    #at_start
                    let value = async move { #typed #statements }.await;
                    #at_end
                    value
                }
            }
            // Input:  fn f() -> impl Future<Output = u8> { async { 1 } }
            // Output: fn f() -> impl Future<Output = u8> {
            //             <at_call>
            //             let future = call(move || { async { 1 } });
            //             async move {
            //                 <at_start>
            //                 let value = future.await;
            //                 <at_end>
            //                 value
            //             }
            //         }
            (returns, at_end) => {
                let ty = future_value(output);
                let inner = quote_spanned! {Span::mixed_site()=>
                    #at_start
                    let value: #ty = future.await;
                    #at_end
                    value
                };
                let future = future(krate, returns, function, &inner);
                quote!(#at_call #future)
            }
        }
    }
}

/// Returns a body that evaluates the user's body to the local `future` and returns an `async` block
/// of `inner`, boxed if the function returns a box.
pub(super) fn future(
    krate: &Path,
    returns: Returns,
    function: &Function,
    inner: &TokenStream,
) -> TokenStream {
    let evaluated = evaluate(krate, function, "future");
    let future = quote_spanned!(Span::mixed_site()=> async move { #inner });
    let future = boxed_as(krate, returns, future);
    quote_spanned!(Span::mixed_site()=> #evaluated #future)
}

/// Boxes an expression of a future or stream if the function returns a box.
pub(super) fn boxed_as(krate: &Path, returns: Returns, value: TokenStream) -> TokenStream {
    match returns {
        Returns::BoxedFuture | Returns::BoxedStream => {
            quote_spanned!(Span::mixed_site()=> #krate::__private::Box::pin(#value))
        }
        _ => value,
    }
}

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
        let output = closure_output(&sig.output);
        quote_spanned! {Span::mixed_site()=>
            let #name = #krate::__private::call(move || #output #body);
        }
    }
}

/// Returns the output type of a future, or `_` if it cannot be named.
///
/// The code that reads the value needs its type, which inference may not have determined yet.
pub(super) fn future_value(output: &ReturnType) -> Type {
    future_output(output).unwrap_or_else(|| syn::parse_quote!(_))
}

/// Returns `-> Type` for a closure, without the types that cannot be named.
pub(super) fn closure_output(output: &ReturnType) -> TokenStream {
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
pub(super) fn async_output(output: &ReturnType) -> TokenStream {
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
