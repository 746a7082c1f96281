//! `#[tracked]`.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{Attribute, Result};

use super::{async_output, closure_output, error_and_item, failure};
use crate::attr::{Krate, Label, TrackedArgs};
use crate::function::Function;
use crate::returns::Returns;

pub(crate) fn expand(args: &TokenStream, item: &TokenStream) -> TokenStream {
    try_expand(args, item).unwrap_or_else(|error| error_and_item(&error, item))
}

fn try_expand(args: &TokenStream, item: &TokenStream) -> Result<TokenStream> {
    let mut function = Function::parse(item.clone(), "tracked")?;
    let parsed = TrackedArgs::parse(args.clone(), &function.sig.ident)?;

    // A retry loop must be seen before it is wrapped, so the retry attribute goes first. The
    // request then covers the whole loop, whichever way the two are stacked.
    if function.attrs.iter().any(is_retry) {
        let krate = &parsed.krate;
        let retry_at = function
            .attrs
            .iter()
            .rposition(is_retry)
            .map_or(0, |at| at + 1);
        let again = syn::parse_quote_spanned!(Span::call_site()=> #[#krate::tracked(#args)]);
        function.attrs.insert(retry_at, again);
        return Ok(function.with_body(function.body.stream()));
    }
    let body = body(&parsed, &function);
    Ok(function.with_body(body))
}

fn is_retry(attr: &Attribute) -> bool {
    attr.path()
        .segments
        .last()
        .is_some_and(|segment| segment.ident == "tracked_retry")
}

fn body(args: &TrackedArgs, function: &Function) -> TokenStream {
    let krate = &args.krate;
    let labels = labels(args);
    let body = &function.body;
    let output = &function.sig.output;
    let close = close(krate);
    match Returns::of(&function.sig) {
        // Input:  fn f(x: u32) -> u32 { x + 1 }
        // Output: fn f(x: u32) -> u32 { let _request = enter(…); x + 1 }
        Returns::Plain => {
            let body = body.stream();
            quote_spanned! {Span::mixed_site()=>
                let _request = #krate::__private::enter(#labels);
                #body
            }
        }
        // Input:  fn f(x: u32) -> io::Result<u32> { Ok(x) }
        // Output: fn f(x: u32) -> io::Result<u32> {
        //             let (value, request) = run(…, move || -> io::Result<u32> { Ok(x) });
        //             close(request, …value…);
        //             value
        //         }
        Returns::Value => {
            let output = closure_output(output);
            quote_spanned! {Span::mixed_site()=>
                let (value, request) = #krate::__private::run(#labels, move || #output #body);
                #close
                value
            }
        }
        // Input:  async fn f(x: u32) -> io::Result<u32> { g(x).await }
        // Output: async fn f(x: u32) -> io::Result<u32> {
        //             let (value, request) = run_async(…, async move { g(x).await }).await;
        //             close(request, …value…);
        //             value
        //         }
        Returns::Async => {
            let typed = async_output(output);
            let body = body.stream();
            quote_spanned! {Span::mixed_site()=>
                let (value, request) =
                    #krate::__private::run_async(#labels, async move { #typed #body }).await;
                #close
                value
            }
        }
        // Input:  fn f(x: u32) -> impl Future<Output = u32> { async move { x } }
        // Output: fn f(x: u32) -> impl Future<Output = u32> {
        //             let labels = …;
        //             let future = call(move || { async move { x } });
        //             async move {
        //                 let (value, request) = run_async(labels, future).await;
        //                 close(request, …value…);
        //                 value
        //             }
        //         }
        returns @ (Returns::Future | Returns::BoxedFuture) => {
            let boxed = returns == Returns::BoxedFuture;
            let output = if boxed {
                closure_output(output)
            } else {
                TokenStream::new()
            };
            let future = quote_spanned! {Span::mixed_site()=>
                async move {
                    let (value, request) = #krate::__private::run_async(labels, future).await;
                    #close
                    value
                }
            };
            let future = if boxed {
                quote_spanned!(Span::mixed_site()=> #krate::__private::Box::pin(#future))
            } else {
                future
            };
            quote_spanned! {Span::mixed_site()=>
                let labels = #labels;
                let future = #krate::__private::call(move || #output #body);
                #future
            }
        }
    }
}

/// An expression of the request's labels: a static of its own for two literals.
fn labels(args: &TrackedArgs) -> TokenStream {
    let TrackedArgs {
        agent,
        operation,
        krate,
    } = args;
    match (agent, operation) {
        (Label::Literal(agent), Label::Literal(operation)) => {
            quote_spanned! {Span::mixed_site()=>
                #krate::__private::Labels::Site({
                    static SITE: #krate::__private::Site =
                        #krate::__private::Site::new(#agent, #operation);
                    &SITE
                })
            }
        }
        _ => quote_spanned!(Span::mixed_site()=> #krate::__private::labels(#agent, #operation)),
    }
}

/// A statement that ends `request` as `value` says.
fn close(krate: &Krate) -> TokenStream {
    let failure = failure(krate, &quote_spanned!(Span::mixed_site()=> value));
    quote_spanned!(Span::mixed_site()=> #krate::__private::close(request, #failure);)
}
