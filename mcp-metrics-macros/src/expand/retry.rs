//! `#[tracked_retry]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Error, Expr, Result, ReturnType};

use super::loops::count_attempts;
use super::shape::{async_output, closure_output};
use super::{error_and_item, failure, stacking};
use crate::attr::{Driver, Krate, Label, RetryArgs};
use crate::function::Function;
use crate::returns::Returns;

pub(crate) fn expand(args: &TokenStream, item: &TokenStream) -> TokenStream {
    try_expand(args, item).unwrap_or_else(|error| error_and_item(&error, item))
}

fn try_expand(tokens: &TokenStream, item: &TokenStream) -> Result<TokenStream> {
    let function = Function::parse(item.clone(), "tracked_retry")?;
    let args = RetryArgs::parse(tokens.clone())?;
    if args.driver.is_some()
        && let Some(event) = stacking::event_at(&function.attrs)
    {
        let krate = &args.krate;
        let again = syn::parse_quote!(#[#krate::tracked_retry(#tokens)]);
        return Ok(function.expanded_after(event, again));
    }
    if matches!(
        Returns::of(&function.sig),
        Returns::Future | Returns::BoxedFuture | Returns::Stream | Returns::BoxedStream
    ) {
        return Err(Error::new(
            function.sig.output.span(),
            "`#[tracked_retry]` works on an `async fn` or a function that is not async, not on one \
             that returns a future; move the body into an `async fn` and put the attribute there",
        ));
    }
    let body = match &args.driver {
        Some(driver) => driven(&args, driver, &function),
        None => counted(&args, &function)?,
    };
    Ok(function.with_body(body))
}

/// The function holds its own loop.
fn counted(args: &RetryArgs, function: &Function) -> Result<TokenStream> {
    let RetryArgs {
        service,
        krate,
        retry_if,
        ..
    } = args;
    let output = &function.sig.output;
    let mut block: syn::Block = syn::parse2(function.body.to_token_stream())?;
    count_attempts(&mut block, krate)?;
    let statements = &block.stmts;
    // Input:  async fn f() -> Result<u32, E> { for … { … } }
    // Output: async fn f() -> Result<u32, E> {
    //             let mut counted = Attempts::new("service");
    //             let attempts = &mut counted;
    //             let value = async move { for … { attempts.begin(); … } }.await;
    //             counted.finish(…value…);
    //             value
    //         }
    let value = if function.sig.asyncness.is_some() {
        let typed = async_output(output);
        quote_spanned!(Span::mixed_site()=> async move { #typed #(#statements)* }.await)
    } else {
        let output = closure_output(output);
        quote_spanned! {Span::mixed_site()=>
            #krate::__private::call(move || #output { #(#statements)* })
        }
    };
    let failure = failure(krate, &quote_spanned!(Span::mixed_site()=> value));
    let transient = transient(krate, retry_if.as_ref());
    let declared = declared(args, None);
    Ok(quote_spanned! {Span::mixed_site()=>
        #declared
        let mut counted = #krate::__private::Attempts::new(#service);
        let attempts = &mut counted;
        let value = #value;
        counted.finish(#failure.is_some(), #transient);
        value
    })
}

/// The attribute runs the function's body again.
fn driven(args: &RetryArgs, driver: &Driver, function: &Function) -> TokenStream {
    let RetryArgs {
        service,
        krate,
        retry_if,
        ..
    } = args;
    let Driver {
        attempts,
        delay,
        factor,
        max_delay,
        jitter,
    } = driver;
    let output = &function.sig.output;
    let body = &function.body;
    // Input:  async fn f() -> Result<u32, E> { call().await }
    // Output: async fn f() -> Result<u32, E> {
    //             let mut retries = Retries::new("service", Policy { … });
    //             loop {
    //                 retries.begin();
    //                 let value = async { call().await }.await;
    //                 match retries.next(…value…) {
    //                     Some(delay) => pause(delay).await,
    //                     None => break value,
    //                 }
    //             }
    //         }
    let (value, pause) = if function.sig.asyncness.is_some() {
        let typed = async_output(output);
        let body = body.stream();
        (
            quote_spanned!(Span::mixed_site()=> async { #typed #body }.await),
            quote_spanned!(Span::mixed_site()=> #krate::__private::pause(delay).await),
        )
    } else {
        let output = closure_output(output);
        (
            quote_spanned!(Span::mixed_site()=> #krate::__private::call(|| #output #body)),
            quote_spanned!(Span::mixed_site()=> #krate::__private::sleep(delay)),
        )
    };
    let failure = failure(krate, &quote_spanned!(Span::mixed_site()=> value));
    let transient = transient(krate, retry_if.as_ref());
    let result_at = match output {
        ReturnType::Default => function.sig.ident.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let result_at = Span::mixed_site().located_at(result_at);
    let must_be_result = quote_spanned!(result_at=> #krate::__private::retries_result(&value););
    let declared = declared(args, Some(attempts));
    quote_spanned! {Span::mixed_site()=>
        #declared
        let mut retries = #krate::__private::Retries::new(
            #service,
            #krate::__private::Policy {
                attempts: #attempts,
                delay: #delay,
                factor: #factor,
                max_delay: #max_delay,
                jitter: #jitter,
            },
        );
        loop {
            retries.begin();
            let value = #value;
            #must_be_result
            match retries.next(#failure.is_some(), #transient) {
                #krate::__private::Some(delay) => {
                    #krate::__private::drop(value);
                    #pause;
                }
                #krate::__private::None => break value,
            }
        }
    }
}

/// An item that starts the loop's series at zero, if the service is a literal. Where the number of
/// attempts is not one, only the first is certain.
fn declared(args: &RetryArgs, attempts: Option<&Expr>) -> TokenStream {
    let RetryArgs { service, krate, .. } = args;
    let Label::Literal(service) = service else {
        return TokenStream::new();
    };
    let attempts = match attempts {
        Some(literal @ Expr::Lit(_)) => literal.to_token_stream(),
        _ => quote_spanned!(Span::mixed_site()=> 1),
    };
    quote_spanned!(Span::mixed_site()=> #krate::__retry_loop!(#service, #attempts);)
}

/// An expression of whether another attempt may cure the failure.
fn transient(krate: &Krate, retry_if: Option<&Expr>) -> TokenStream {
    match retry_if {
        Some(retry_if) => quote_spanned! {Span::mixed_site()=>
            #krate::__private::is_transient(&value, #retry_if)
        },
        None => quote_spanned!(Span::mixed_site()=> true),
    }
}
