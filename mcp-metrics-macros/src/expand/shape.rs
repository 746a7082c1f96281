//! Putting code around a function's body, by the shape of the function.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{ReturnType, Type};

use super::leaving::may_leave_early;
use crate::attr::Krate;
use crate::function::Function;
use crate::returns::{Returns, future_output, nameable};

/// Code to run around a body. In `at_end`, the local `value` is what the body gave.
pub(super) struct Around<'a> {
    pub(super) krate: &'a Krate,
    /// When the function is called: what needs its arguments.
    pub(super) at_call: TokenStream,
    /// When the body begins, which for a future is its first poll.
    pub(super) at_start: TokenStream,
    /// When the body has ended.
    pub(super) at_end: Option<TokenStream>,
}

impl Around<'_> {
    /// The function's new body.
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

/// A body that makes the user's future, as the local `future`, and returns an `async` block of
/// `inner`, boxed if the function returns a box.
pub(super) fn future(
    krate: &Krate,
    returns: Returns,
    function: &Function,
    inner: &TokenStream,
) -> TokenStream {
    let made = evaluate(krate, function, "future");
    let future = quote_spanned!(Span::mixed_site()=> async move { #inner });
    let future = boxed_as(krate, returns, future);
    quote_spanned!(Span::mixed_site()=> #made #future)
}

/// A future or a stream in a box, if the function returns one.
pub(super) fn boxed_as(krate: &Krate, returns: Returns, made: TokenStream) -> TokenStream {
    match returns {
        Returns::BoxedFuture | Returns::BoxedStream => {
            quote_spanned!(Span::mixed_site()=> #krate::__private::Box::pin(#made))
        }
        _ => made,
    }
}

/// A statement that runs the user's body and has what it gives as the local `name`.
///
/// In a closure the body may return early, but `Location::caller()` would be our line. So a body
/// that asks for its caller and does not return early stays where it is.
pub(super) fn evaluate(krate: &Krate, function: &Function, name: &str) -> TokenStream {
    let name = Ident::new(name, Span::mixed_site());
    let Function { sig, body, .. } = function;
    if function.is_track_caller() && !may_leave_early(&body.stream()) {
        let ty = match &sig.output {
            ReturnType::Default => syn::parse_quote!(()),
            ReturnType::Type(_, ty) => nameable(ty),
        };
        let statements = body.stream();
        quote_spanned! {Span::mixed_site()=>
            let #name: #ty = { #statements };
            #[allow(unreachable_code, reason = "the body may never come to its end")]
            let #name = #name;
        }
    } else {
        let output = closure_output(&sig.output);
        quote_spanned! {Span::mixed_site()=>
            let #name = #krate::__private::call(move || #output #body);
        }
    }
}

/// The type of what a future resolves to. It must be known where the value is read, which may be
/// before the compiler has seen what else it is used for.
pub(super) fn future_value(output: &ReturnType) -> Type {
    future_output(output).unwrap_or_else(|| syn::parse_quote!(_))
}

/// `-> Type` for a closure, as far as the type can be named.
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

/// A statement that never runs and tells an `async` block its type, so that early returns are
/// coerced and errors point at the user's line, as in a function.
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
