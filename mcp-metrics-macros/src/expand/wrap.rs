//! Wrapping of a function's body in code that runs before and after it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Path, Token};

use super::body::{async_block, evaluate, future_value};
use super::request::Request;
use crate::function::Function;
use crate::returns::Returns;

/// Code to run around a body.
pub(super) struct BodyWrapper<'a> {
    pub(super) krate: &'a Path,
    /// Statements that run when the function is called. They may use its arguments.
    pub(super) at_call: TokenStream,
    pub(super) around: Around<'a>,
}

/// Code that starts with the body; a future's body starts at its first poll.
pub(super) enum Around<'a> {
    Statements {
        start: TokenStream,
        /// Runs after the body. The local `value` is the body's value. Streams have none.
        end: Option<TokenStream>,
    },
    /// The body is a request.
    Request(Request<'a>),
}

impl Around<'_> {
    /// Returns code that only runs before the body.
    pub(super) const fn start(start: TokenStream) -> Self {
        Self::Statements { start, end: None }
    }

    /// Returns code that only runs after the body.
    pub(super) fn end(end: TokenStream) -> Self {
        Self::start_and_end(TokenStream::new(), end)
    }

    /// Returns code that runs before and after the body.
    pub(super) const fn start_and_end(start: TokenStream, end: TokenStream) -> Self {
        let end = Some(end);
        Self::Statements { start, end }
    }

    /// Returns whether statements run after the body, which a stream does not support.
    pub(super) const fn reads_value(&self) -> bool {
        matches!(self, Self::Statements { end: Some(_), .. })
    }
}

impl BodyWrapper<'_> {
    /// Returns the wrapped body of the function.
    pub(super) fn apply(&self, function: &Function) -> TokenStream {
        match Returns::of(&function.sig) {
            Returns::Plain | Returns::Value => self.in_call(function),
            Returns::Async => self.in_async_fn(function),
            returns @ (Returns::Future | Returns::BoxedFuture) => self.in_future(returns, function),
            returns @ (Returns::Stream | Returns::BoxedStream) => self.in_stream(returns, function),
        }
    }

    // Input:   fn f() -> u8 { 1 }
    // Start:   fn f() -> u8 { <at_call> <start> 1 }
    // Both:    fn f() -> u8 {
    //              <at_call> <start>
    //              let value = call(move || -> u8 { 1 });
    //              <end>
    //              value
    //          }
    // Request: fn f() -> u8 {
    //              let mut request = begin(…);
    //              let value = call(move || -> u8 { 1 });
    //              close(&mut request, …value…);
    //              value
    //          }
    fn in_call(&self, function: &Function) -> TokenStream {
        let at_call = &self.at_call;
        let (start, end) = match &self.around {
            Around::Statements { start, end: None } => return before(at_call, start, function),
            Around::Statements {
                start,
                end: Some(end),
            } => (start.clone(), end.clone()),
            Around::Request(request) => request.begin_and_close(),
        };
        let value = evaluate(self.krate, function, "value");
        quote_spanned! {Span::mixed_site()=>
            #at_call
            #start
            #value
            #end
            value
        }
    }

    // Input:   async fn f() -> u8 { 1 }
    // Start:   async fn f() -> u8 { <at_call> <start> 1 }
    // Both:    async fn f() -> u8 {
    //              <at_call> <start>
    //              let value = async move { 1 }.await;
    //              <end>
    //              value
    //          }
    // Request: async fn f() -> u8 {
    //              run_async(…, async move { 1 }, |value| …*value…).await
    //          }
    fn in_async_fn(&self, function: &Function) -> TokenStream {
        let at_call = &self.at_call;
        let future = || async_block(function, Some(Token![move](Span::mixed_site())));
        match &self.around {
            Around::Statements { start, end: None } => before(at_call, start, function),
            Around::Statements {
                start,
                end: Some(end),
            } => {
                let future = future();
                quote_spanned! {Span::mixed_site()=>
                    #at_call
                    #start
                    let value = #future.await;
                    #end
                    value
                }
            }
            Around::Request(request) => {
                let value = request.awaited(&request.labels, &future(), None);
                quote!(#at_call #value)
            }
        }
    }

    // Input:   fn f() -> impl Future<Output = u8> { async { 1 } }
    // Both:    fn f() -> impl Future<Output = u8> {
    //              <at_call>
    //              let future = call(move || { async { 1 } });
    //              async move { <start> let value: u8 = future.await; <end> value }
    //          }
    // Request: fn f() -> impl Future<Output = u8> {
    //              let labels = …;
    //              let future = call(move || { async { 1 } });
    //              async move { run_async(labels, future, |value: &u8| …*value…).await }
    //          }
    fn in_future(&self, returns: Returns, function: &Function) -> TokenStream {
        let at_call = &self.at_call;
        let ty = future_value(&function.sig.output);
        let evaluated = evaluate(self.krate, function, "future");
        let (labels, value) = match &self.around {
            Around::Statements { start, end } => {
                let value = quote_spanned! {Span::mixed_site()=>
                    #start
                    let value: #ty = future.await;
                    #end
                    value
                };
                (None, value)
            }
            Around::Request(request) => {
                let [labels, future] = ["labels", "future"].map(local);
                let value = request.awaited(&labels, &future, Some(&ty));
                (Some(let_labels(request)), value)
            }
        };
        let future = quote_spanned!(Span::mixed_site()=> async move { #value });
        let future = boxed_as(self.krate, returns, future);
        quote!(#at_call #labels #evaluated #future)
    }

    // Input:   fn f() -> impl Stream<Item = u8> { stream::iter([1]) }
    // Start:   fn f() -> impl Stream<Item = u8> { <at_call> <start> stream::iter([1]) }
    // Request: fn f() -> impl Stream<Item = u8> {
    //              let labels = …;
    //              let stream = call(move || { stream::iter([1]) });
    //              track_stream(labels, stream)
    //          }
    fn in_stream(&self, returns: Returns, function: &Function) -> TokenStream {
        let (krate, at_call) = (self.krate, &self.at_call);
        match &self.around {
            Around::Statements { start, .. } => before(at_call, start, function),
            Around::Request(request) => {
                let labels = let_labels(request);
                let evaluated = evaluate(krate, function, "stream");
                let stream = quote_spanned! {Span::mixed_site()=>
                    #krate::__private::track_stream(labels, stream)
                };
                let stream = boxed_as(krate, returns, stream);
                quote!(#at_call #labels #evaluated #stream)
            }
        }
    }
}

/// Returns the statements, followed by those of the user's body.
fn before(at_call: &TokenStream, start: &TokenStream, function: &Function) -> TokenStream {
    let statements = function.body.stream();
    quote!(#at_call #start #statements)
}

/// Returns a statement that evaluates the labels when the function is called. They may use
/// arguments that the user's body moves.
fn let_labels(request: &Request<'_>) -> TokenStream {
    let labels = &request.labels;
    quote_spanned!(Span::mixed_site()=> let labels = #labels;)
}

fn local(name: &str) -> TokenStream {
    Ident::new(name, Span::mixed_site()).into_token_stream()
}

/// Boxes an expression of a future or stream if the function returns a box.
fn boxed_as(krate: &Path, returns: Returns, value: TokenStream) -> TokenStream {
    match returns {
        Returns::BoxedFuture | Returns::BoxedStream => {
            quote_spanned!(Span::mixed_site()=> #krate::__private::Box::pin(#value))
        }
        _ => value,
    }
}
