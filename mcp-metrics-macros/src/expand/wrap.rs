//! Wrapping of a function's body in code that runs before and after it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Path, ReturnType, Token, Type, parse_quote};

use super::body::{
    after_statements, async_block, at_end, closure_call, evaluate, value as body_value,
};
use super::opaque;
use super::request::Request;
use crate::captures::Captures;
use crate::function::Function;
use crate::returns::{Form, Returns, inner_type, nameable};

/// Code to run around a body.
pub(super) struct BodyWrapper<'a> {
    pub(super) krate: &'a Path,
    /// Statements that run when the function is called. They may use its arguments.
    pub(super) at_call: TokenStream,
    /// Whether the body runs repeatedly, so that it cannot move its arguments.
    pub(super) in_loop: bool,
    pub(super) around: Around<'a>,
}

/// Code that starts with the body; a future's body starts at its first poll.
pub(super) enum Around<'a> {
    /// Statements that only run before the body.
    Start(TokenStream),
    /// Statements that run before and after the body.
    Statements {
        start: TokenStream,
        /// The local of `start` that `end` uses, or `()`.
        carried: TokenStream,
        /// The local `value` is a reference to the body's value.
        end: TokenStream,
    },
    /// The body is a request.
    Request(Request<'a>),
}

impl Around<'_> {
    /// Returns code that only runs after the body.
    pub(super) fn end(end: TokenStream) -> Self {
        Self::Statements {
            start: TokenStream::new(),
            carried: quote!(()),
            end,
        }
    }

    /// Returns whether the code needs the value of the body.
    pub(super) const fn reads_value(&self) -> bool {
        matches!(self, Self::Statements { .. })
    }
}

impl BodyWrapper<'_> {
    /// Replaces the body of the function by the wrapped one, and returns the function's tokens.
    pub(super) fn apply(&self, mut function: Function) -> TokenStream {
        let body = self.body(&mut function);
        function.with_body(body)
    }

    fn body(&self, function: &mut Function) -> TokenStream {
        let at_call = &self.at_call;
        let returns = Returns::of(&function.sig);
        if let Around::Start(start) = &self.around
            && !matches!(returns, Returns::Future(_))
        {
            let body = after_statements(function);
            return quote!(#at_call #start #body);
        }
        let body = function.body.stream();
        let labels = match &self.around {
            Around::Request(request) => request.labels.clone(),
            _ => TokenStream::new(),
        };
        let named: &[_] = match returns {
            // The body uses the arguments themselves, not locals.
            Returns::Async => &[at_call, &labels, &body],
            _ => &[at_call, &labels],
        };
        let captures = if self.in_loop {
            Captures::borrow(function)
        } else {
            Captures::take(function, named)
        };
        let opened = match &self.around {
            Around::Request(request) => request.opened.map(|it| (request, it)),
            _ => None,
        };
        if let Some((request, opened)) = opened {
            let body = self.in_opened(request, opened, &captures, function);
            return quote!(#at_call #body);
        }
        let body = match returns {
            Returns::Plain | Returns::Value => self.in_call(&captures, function),
            Returns::Async => self.in_async_fn(&captures, function),
            Returns::Future(form) => self.in_future(form, &captures, function),
            Returns::Stream(form) => self.in_stream(form, &captures, function),
        };
        quote!(#at_call #body)
    }

    // Input:   fn f() -> u8 { 1 }
    // Both:    fn f() -> u8 {
    //              <start>
    //              let value = call(move || -> u8 { 1 });
    //              { let value = &value; <end> }
    //              return value;
    //          }
    // Request: fn f() -> Result<u8, E> {
    //              let mut request = begin(…);
    //              let value = call(move || -> Result<u8, E> { Ok(1) });
    //              close(&mut request, …value…);
    //              return value;
    //          }
    fn in_call(&self, captures: &Captures, function: &mut Function) -> TokenStream {
        let (start, end) = match &self.around {
            Around::Start(start) => (start.clone(), TokenStream::new()),
            Around::Statements { start, end, .. } => (start.clone(), with_reference(end)),
            Around::Request(request) if !request.reads_value() || function.is_endless() => {
                return self.in_infallible_call(request, captures, function);
            }
            Around::Request(request) => request.begin_and_close(),
        };
        if function.is_endless() {
            let value = body_value(self.krate, captures, function);
            return quote!(#start #value);
        }
        let value = evaluate(self.krate, captures, function, "value");
        quote_spanned! {Span::mixed_site()=>
            #start
            #value
            #end
            return value;
        }
    }

    // Input:  fn f(a: A) -> u8 { 1 }
    // Output: fn f(a: A) -> u8 { let _request = enter(…); let a = a; 1 }
    fn in_infallible_call(
        &self,
        request: &Request<'_>,
        captures: &Captures,
        function: &mut Function,
    ) -> TokenStream {
        let request = request.enter();
        let moved = captures.moved(&mut function.sig);
        // A local cannot be named `self`, but a closure drops it inside the request.
        if captures.has_receiver() && !function.is_track_caller() {
            let call = closure_call(self.krate, function, captures.mode(), &moved);
            // Code after an endless body would be unreachable.
            let keyword = (!function.is_endless()).then(|| Token![return](Span::mixed_site()));
            return quote_spanned!(Span::mixed_site()=> #request #keyword #call);
        }
        let body = at_end(function, &moved);
        quote!(#request #body)
    }

    // Input:   async fn f() -> u8 { 1 }
    // Both:    async fn f() -> u8 {
    //              <start>
    //              let value = async move { 1 }.await;
    //              { let value = &value; <end> }
    //              return value;
    //          }
    // Request: async fn f() -> u8 {
    //              return track_future(…, async move { 1 }, |value| …value…).await;
    //          }
    fn in_async_fn(&self, captures: &Captures, function: &Function) -> TokenStream {
        let statements = captures.captured();
        let future = || async_block(self.krate, function, captures.mode(), &statements);
        match &self.around {
            Around::Start(start) => quote!(#start),
            Around::Statements { start, end, .. } => {
                let (future, end) = (future(), with_reference(end));
                quote_spanned! {Span::mixed_site()=>
                    #start
                    let value = #future.await;
                    #end
                    return value;
                }
            }
            Around::Request(request) if opaque::is_success(request, function) => {
                opaque::in_async_fn(self.krate, request, function, &statements)
            }
            Around::Request(request) => {
                let tracked = request.track_future(&request.labels, &future(), &request.read(None));
                let krate = self.krate;
                // With `return`, since clippy's `implicit_return` would report the attribute.
                if function.is_endless() {
                    quote_spanned! {Span::mixed_site()=>
                        match #krate::__private::endless(#tracked).await {}
                    }
                } else {
                    quote_spanned!(Span::mixed_site()=> return #tracked.await;)
                }
            }
        }
    }

    // Input:   fn f() -> impl Future<Output = u8> { async { 1 } }
    // Both:    fn f() -> impl Future<Output = u8> {
    //              let future = call(move || { async { 1 } });
    //              return observe(future, move || { <start> … }, move |…, value: &u8| { <end> });
    //          }
    // Request: fn f() -> impl Future<Output = u8> {
    //              let labels = …;
    //              let future = call(move || { async { 1 } });
    //              return track_future(labels, future, move |value: &u8| …value…);
    //          }
    fn in_future(&self, form: Form, captures: &Captures, function: &mut Function) -> TokenStream {
        let krate = self.krate;
        let ty = closure_input(&function.sig.output);
        let evaluated = evaluate(krate, captures, function, "future");
        let observe = |start: &TokenStream, carried: &TokenStream, end: &TokenStream| {
            quote_spanned! {Span::mixed_site()=>
                #krate::__private::observe(
                    future,
                    move || { #start #carried },
                    move |#carried, value: &#ty| { #end },
                )
            }
        };
        let (labels, future) = match &self.around {
            Around::Start(start) => {
                let nothing = (
                    quote!(()),
                    quote_spanned!(Span::mixed_site()=> let _ = value;),
                );
                (None, observe(start, &nothing.0, &nothing.1))
            }
            Around::Statements {
                start,
                carried,
                end,
            } => (None, observe(start, carried, end)),
            Around::Request(request) => {
                let [labels, future] = ["labels", "future"].map(local);
                let failure = request.read(Some(&ty));
                let failure = quote_spanned!(Span::mixed_site()=> move #failure);
                let tracked = request.track_future(&labels, &future, &failure);
                (Some(request.let_labels()), tracked)
            }
        };
        let future = boxed_as(krate, form, future);
        quote_spanned!(Span::mixed_site()=> #labels #evaluated return #future;)
    }
}

/// Returns statements that use the local `value` as a reference.
fn with_reference(statements: &TokenStream) -> TokenStream {
    quote_spanned! {Span::mixed_site()=> {
        let value = &value;
        #statements
    }}
}

/// Returns the type of a future's output or a stream's items, or `_` if it cannot be named.
///
/// The code that reads the value needs its type, which inference may not have determined yet.
pub(super) fn closure_input(output: &ReturnType) -> Type {
    inner_type(output).map_or_else(|| parse_quote!(_), |ty| nameable(&ty))
}

fn local(name: &str) -> TokenStream {
    Ident::new(name, Span::mixed_site()).into_token_stream()
}

/// Boxes an expression of a future or stream if the function returns a box.
pub(super) fn boxed_as(krate: &Path, form: Form, value: TokenStream) -> TokenStream {
    match form {
        Form::Opaque => value,
        Form::Pinned => {
            quote_spanned!(Span::mixed_site()=> #krate::__private::Box::pin(#value))
        }
        Form::Boxed => quote_spanned!(Span::mixed_site()=> #krate::__private::Box::new(#value)),
    }
}
