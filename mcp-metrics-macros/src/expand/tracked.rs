//! `#[tracked]` on a function.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Result;

use super::labels::labels;
use super::outcome::outcome;
use super::wrap::{async_output, boxed_as, evaluate, future, future_value};
use super::{docs, stacking};
use crate::attr::{TrackedArgs, is_skip};
use crate::declared::Hint;
use crate::function::Function;
use crate::returns::Returns;

/// Expands to the function with its body in a request.
pub(super) fn expand(args: &TokenStream, item: &TokenStream) -> Result<TokenStream> {
    if is_skip(args) {
        return Ok(item.clone());
    }
    let mut function = Function::parse(item.clone(), "tracked")?;
    let (hint, own) = Hint::take(args.clone())?;
    let parsed = TrackedArgs::parse(own, &function.sig.ident)?;

    // `#[tracked_retry]` expands first: it must find the loop in the body before the body is
    // wrapped. The request then covers the whole loop in either order of the attributes.
    let retry = stacking::retry_at(&function.attrs);
    // `#[instrument]` expands first, too: it looks for the future at the end of the body.
    let returns_future = matches!(
        Returns::of(&function.sig),
        Returns::Future | Returns::BoxedFuture
    );
    let instrument = stacking::instrument_at(&function.attrs).filter(|_| returns_future);
    if let Some(first) = retry.or(instrument) {
        let krate = &parsed.krate;
        let again = syn::parse_quote_spanned!(Span::call_site()=> #[#krate::tracked(#args)]);
        return Ok(function.expanded_after(first, again));
    }
    docs::append(&mut function.attrs, &parsed);
    let body = body(&parsed, hint, &function);
    Ok(function.with_body(body))
}

fn body(args: &TrackedArgs, hint: Option<Hint>, function: &Function) -> TokenStream {
    let krate = &args.krate;
    let labels = labels(args, hint, &function.sig);
    let body = &function.body;
    let output = &function.sig.output;
    let by_reference = outcome(args, &quote_spanned!(Span::mixed_site()=> *value));
    let outcome = outcome(args, &quote_spanned!(Span::mixed_site()=> value));
    let close = quote_spanned! {Span::mixed_site()=>
        #krate::__private::close(&mut request, #outcome);
        #krate::__private::forget(request);
    };
    match Returns::of(&function.sig) {
        // Input:  fn f(x: u32) -> u32 { x + 1 }
        // Output: fn f(x: u32) -> u32 { let _request = enter(…); x + 1 }
        Returns::Plain if !args.reads_value() => {
            let statements = body.stream();
            let enter = quote_spanned! {Span::mixed_site()=>
                let _request = #krate::__private::enter(#labels);
            };
            quote!(#enter #statements)
        }
        // Input:  fn f(x: u32) -> io::Result<u32> { Ok(x) }
        // Output: fn f(x: u32) -> io::Result<u32> {
        //             let mut request = begin(…);
        //             let value = call(move || -> io::Result<u32> { Ok(x) });
        //             close(&mut request, …value…);
        //             value
        //         }
        Returns::Plain | Returns::Value => {
            let value = evaluate(krate, function, "value");
            quote_spanned! {Span::mixed_site()=>
                let mut request = #krate::__private::begin(#labels);
                #value
                #close
                value
            }
        }
        // Input:  async fn f(x: u32) -> io::Result<u32> { g(x).await }
        // Output: async fn f(x: u32) -> io::Result<u32> {
        //             run_async(…, async move { g(x).await }, |value| …*value…).await
        //         }
        Returns::Async => {
            let typed = async_output(output);
            let statements = body.stream();
            quote_spanned! {Span::mixed_site()=>
                #krate::__private::run_async(
                    #labels,
                    async move { #typed #statements },
                    |value| #by_reference,
                )
                .await
            }
        }
        // Input:  fn f(x: u32) -> impl Future<Output = u32> { async move { x } }
        // Output: fn f(x: u32) -> impl Future<Output = u32> {
        //             let labels = …;
        //             let future = call(move || { async move { x } });
        //             async move {
        //                 run_async(labels, future, |value: &u32| …*value…).await
        //             }
        //         }
        returns @ (Returns::Future | Returns::BoxedFuture) => {
            let ty = future_value(output);
            let inner = quote_spanned! {Span::mixed_site()=>
                #krate::__private::run_async(labels, future, |value: &#ty| #by_reference).await
            };
            let future = future(krate, returns, function, &inner);
            quote_spanned!(Span::mixed_site()=> let labels = #labels; #future)
        }
        // Input:  fn f(x: u32) -> impl Stream<Item = u32> { stream::iter([x]) }
        // Output: fn f(x: u32) -> impl Stream<Item = u32> {
        //             let labels = …;
        //             let stream = call(move || { stream::iter([x]) });
        //             track_stream(labels, stream)
        //         }
        returns @ (Returns::Stream | Returns::BoxedStream) => {
            let evaluated = evaluate(krate, function, "stream");
            let stream = quote_spanned!(Span::mixed_site()=> #krate::__private::track_stream(labels, stream));
            let stream = boxed_as(krate, returns, stream);
            quote_spanned!(Span::mixed_site()=> let labels = #labels; #evaluated #stream)
        }
    }
}
