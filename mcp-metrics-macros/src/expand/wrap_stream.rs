//! Wrapping of a stream that a function returns, itself or in its value.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

use super::body::{async_block, evaluate};
use super::opened::Opened;
use super::outcome::failure;
use super::request::Request;
use super::wrap::{Around, BodyWrapper, boxed_as, closure_input};
use crate::captures::Captures;
use crate::function::Function;
use crate::returns::{Form, Returns, Value, inferable, output_type};
use crate::stream_place::StreamPlace;

impl BodyWrapper<'_> {
    // Input:   fn f() -> impl Stream<Item = u8> { stream::iter([1]) }
    // Request: fn f() -> impl Stream<Item = u8> {
    //              let labels = …;
    //              let stream = call(move || { stream::iter([1]) });
    //              return stream_request(labels, stream, move |value: &u8| …value…);
    //          }
    /// Returns the body of a function that returns a stream.
    pub(super) fn in_stream(
        &self,
        form: Form,
        captures: &Captures,
        function: &mut Function,
    ) -> TokenStream {
        let Around::Request(request) = &self.around else {
            // Attributes that need a value reject streams.
            return function.body.stream();
        };
        let krate = self.krate;
        let labels = request.let_labels();
        let failure = request.read(Some(&closure_input(&function.sig.output)));
        let evaluated = evaluate(krate, captures, function, "stream");
        let stream = request.stream(&quote_spanned! {Span::mixed_site()=>
            #krate::__private::stream_request(labels, stream, move #failure)
        });
        let stream = boxed_as(krate, form, stream);
        quote_spanned!(Span::mixed_site()=> #labels #evaluated return #stream;)
    }

    // Input: async fn f() -> Result<impl Stream<Item = u8>, E> { Ok(stream::iter([1])) }
    // Async: async fn f() -> Result<impl Stream<Item = u8>, E> {
    //            return open_stream(…, async move { Ok(stream::iter([1])) }, move |opening, value| {
    //                <hand over>
    //            }).await;
    //        }
    // Sync:  fn f() -> Result<impl Stream<Item = u8>, E> {
    //            let mut opening = begin_stream(…);
    //            let value = call(move || -> Result<_, E> { Ok(stream::iter([1])) });
    //            return { let opening = &mut opening; <hand over> };
    //        }
    // Both:  hand_over(opening, value, …&value…, move |value, handover| {
    //            HoldsStream::map_stream(value, move |value| {
    //                Handover::stream(handover, value, move |value: &u8| …value…)
    //            })
    //        })
    /// Returns the body of a function whose request ends with the stream in its value.
    pub(super) fn in_opened(
        &self,
        request: &Request<'_>,
        opened: &Opened,
        captures: &Captures,
        function: &mut Function,
    ) -> TokenStream {
        let (krate, labels) = (self.krate, &request.labels);
        let hand_over = hand_over(krate, request, opened);
        match Returns::of(&function.sig) {
            Returns::Async => {
                let statements = captures.captured();
                let future = async_block(krate, function, captures.mode(), &statements);
                quote_spanned! {Span::mixed_site()=>
                    return #krate::__private::open_stream(
                        #labels,
                        #future,
                        move |opening, value| #hand_over,
                    )
                    .await;
                }
            }
            Returns::Future(form) => {
                let labels = request.let_labels();
                let ty = output_type(&function.sig.output).map(|ty| inferable(&ty));
                let evaluated = evaluate(krate, captures, function, "future");
                // Not as the type of the parameter, whose lifetimes would not be inferred.
                let open = quote_spanned! {Span::mixed_site()=>
                    #krate::__private::open_stream(labels, future, move |opening, value| {
                        let value: #ty = value;
                        #hand_over
                    })
                };
                let open = boxed_as(krate, form, open);
                quote_spanned!(Span::mixed_site()=> #labels #evaluated return #open;)
            }
            Returns::Plain | Returns::Value | Returns::Stream(_) => {
                let evaluated = evaluate(krate, captures, function, "value");
                quote_spanned! {Span::mixed_site()=>
                    let mut opening = #krate::__private::begin_stream(#labels);
                    #evaluated
                    return {
                        let opening = &mut opening;
                        #hand_over
                    };
                }
            }
        }
    }
}

/// Returns an expression that hands the request of the local `opening` over to the stream in the local
/// `value`, and evaluates to the value with the tracked stream.
fn hand_over(krate: &Path, request: &Request<'_>, opened: &Opened) -> TokenStream {
    let value = quote_spanned!(Span::mixed_site()=> &value);
    let failed = failure(krate, &value, &opened.value);
    let item = match opened.place.item() {
        Value::Type(ty) => Some(inferable(&ty)),
        Value::ItemOf(_) | Value::OutputOf(_) => None,
    };
    let item_failed = request.read(item.as_ref());
    let stream = request.stream(&quote_spanned! {Span::mixed_site()=>
        #krate::__private::Handover::stream(handover, value, move #item_failed)
    });
    let mapped = map_stream(krate, &opened.place, &stream);
    quote_spanned! {Span::mixed_site()=> {
        let failed = #failed;
        #krate::__private::hand_over(opening, value, failed, move |value, handover| #mapped)
    }}
}

/// Returns an expression of the local `value` with another stream: that of the expression `stream`, in
/// which `value` is the original stream.
///
/// A boxed stream is boxed again. The type of the box is written, since it is not coerced inside of
/// another type.
pub(super) fn map_stream(krate: &Path, place: &StreamPlace, stream: &TokenStream) -> TokenStream {
    let mut mapped = boxed_as(krate, place.form, stream.clone());
    if place.form != Form::Opaque {
        let ty = inferable(&place.stream);
        mapped = quote_spanned! {Span::mixed_site()=> {
            let stream: #ty = #mapped;
            stream
        }};
    }
    for _ in 0..place.depth {
        mapped = quote_spanned! {Span::mixed_site()=>
            #krate::__private::HoldsStream::map_stream(value, move |value| #mapped)
        };
    }
    mapped
}
