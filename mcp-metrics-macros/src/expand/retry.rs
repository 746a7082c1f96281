//! `#[tracked_retry]`.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Error, Expr, Path, Result, ReturnType};

use super::body::{async_block, closure_call};
use super::expectations;
use super::outcome::is_failure;
use super::retry_loop::count_attempts;
use super::stacking;
use super::wrap::{Around, BodyWrapper};
use crate::attr::{DurationArg, Factor, GeneratedLoop, Label, RetryArgs};
use crate::function::Function;
use crate::returns::Returns;
use crate::value_type::ValueType;

/// Expands to the function with its loop counted, or with its body in a generated loop.
pub(super) fn expand(tokens: &TokenStream, item: &TokenStream) -> Result<TokenStream> {
    let mut function = Function::parse(item.clone(), "tracked_retry")?;
    expectations::relax(&mut function.attrs);
    let args = RetryArgs::parse(tokens.clone())?;
    if args.generated.is_some()
        && let Some(event) = stacking::event_at(&function.attrs, &args.krate)
    {
        let krate = &args.krate;
        let again = syn::parse_quote!(#[#krate::tracked_retry(#tokens)]);
        return Ok(function.expanded_after(event, again));
    }
    if matches!(
        Returns::of(&function.sig),
        Returns::Future(_) | Returns::Stream(_)
    ) {
        return Err(Error::new(
            function.sig.output.span(),
            "`#[tracked_retry]` cannot be applied to a function that returns a future or a stream; \
             move the body into an `async fn` and apply the attribute to it",
        ));
    }
    Ok(match &args.generated {
        Some(generated) => {
            let body = generated_body(&args, generated, &function);
            function.with_body(body)
        }
        None => {
            function.body = counted(&function, &args.krate)?;
            counting(&args, function)
        }
    })
}

/// Returns a body whose loop counts its attempts in the local `attempts`.
fn counted(function: &Function, krate: &Path) -> Result<Group> {
    let body = &function.body;
    let mut block: syn::Block = syn::parse2(body.to_token_stream())?;
    count_attempts(&mut block, krate, &function.sig.output)?;
    let mut counted = Group::new(
        Delimiter::Brace,
        block.stmts.iter().map(ToTokens::to_token_stream).collect(),
    );
    counted.set_span(body.span());
    Ok(counted)
}

// Input:  async fn f() -> Result<u32, E> { for … { attempts.begin(); … } }
// Output: async fn f() -> Result<u32, E> {
//             let mut counted = Attempts::new("service");
//             let attempts = &mut counted;
//             let value = async move { for … { attempts.begin(); … } }.await;
//             counted.finish(…value…);
//             value
//         }
/// Returns a function whose loop counts its attempts, with the declaration of the counter.
fn counting(args: &RetryArgs, function: Function) -> TokenStream {
    let RetryArgs {
        service,
        krate,
        retry_if,
        ..
    } = args;
    let service = service.evaluated(krate);
    let value = quote_spanned!(Span::mixed_site()=> value);
    let failed = is_failure(krate, &value, &ValueType::of(&function.sig));
    let transient = transient(krate, &value, retry_if.as_ref());
    let declaration = declaration(args, None);
    let wrapper = BodyWrapper {
        krate,
        at_call: quote_spanned! {Span::mixed_site()=>
            #declaration
            let mut counted = #krate::__private::Attempts::new(#service);
            let attempts = &mut counted;
        },
        in_loop: false,
        around: Around::end(quote_spanned! {Span::mixed_site()=>
            #krate::__private::Attempts::finish(counted, #failed, #transient);
        }),
    };
    wrapper.apply(function)
}

/// Returns a generated retry loop around the body of a function.
fn generated_body(args: &RetryArgs, generated: &GeneratedLoop, function: &Function) -> TokenStream {
    let RetryArgs {
        service,
        krate,
        retry_if,
        ..
    } = args;
    let GeneratedLoop {
        attempts,
        delay,
        factor,
        max_delay,
        jitter,
    } = generated;
    let service = service.evaluated(krate);
    let (delay, max_delay) = (duration(delay), duration(max_delay));
    let factor = match factor {
        Factor::Literal(number) => number.to_token_stream(),
        Factor::Dynamic(expression) => expression.to_token_stream(),
    };
    // Input:  async fn f() -> Result<u32, E> { call().await }
    // Output: async fn f() -> Result<u32, E> {
    //             let mut retries = Retries::new("service", Policy { … });
    //             loop {
    //                 retries.begin();
    //                 let value = async { call().await }.await;
    //                 match retries.next(…value…) {
    //                     Some(delay) => pause(delay).await,
    //                     None => return value,
    //                 }
    //             }
    //         }
    let (value, pause) = if function.sig.asyncness.is_some() {
        let future = async_block(krate, function, None, &TokenStream::new());
        (
            quote_spanned!(Span::mixed_site()=> #future.await),
            quote_spanned!(Span::mixed_site()=> #krate::__private::pause(delay).await),
        )
    } else {
        (
            closure_call(krate, function, None, &TokenStream::new()),
            quote_spanned!(Span::mixed_site()=> #krate::__private::sleep(delay)),
        )
    };
    let reference = quote_spanned!(Span::mixed_site()=> &value);
    let failed = is_failure(krate, &reference, &ValueType::of(&function.sig));
    let transient = transient(krate, &reference, retry_if.as_ref());
    let result_at = match &function.sig.output {
        ReturnType::Default => function.sig.ident.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let result_at = Span::mixed_site().located_at(result_at);
    let must_be_result = quote_spanned!(result_at=> #krate::__private::retries_result(&value););
    let declaration = declaration(args, Some(attempts));
    quote_spanned! {Span::mixed_site()=>
        #declaration
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
            #krate::__private::Retries::begin(&mut retries);
            let value = #value;
            #must_be_result
            match #krate::__private::Retries::next(&mut retries, #failed, #transient) {
                #krate::__private::Some(delay) => {
                    #krate::__private::drop(value);
                    #pause;
                }
                #krate::__private::None => return value,
            }
        }
    }
}

/// Returns an expression of type `Duration`.
fn duration(duration: &DurationArg) -> TokenStream {
    match duration {
        DurationArg::Nanoseconds(nanoseconds) => quote_spanned! {Span::mixed_site()=>
            ::core::time::Duration::from_nanos(#nanoseconds)
        },
        DurationArg::Dynamic(expression) => expression.to_token_stream(),
    }
}

/// Returns an item that initializes the loop's series to zero, if the service is a literal.
///
/// If the number of attempts is not a literal, only the series of the first attempt is initialized.
fn declaration(args: &RetryArgs, attempts: Option<&Expr>) -> TokenStream {
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

/// Returns an expression of whether `retry_if` allows another attempt.
fn transient(krate: &Path, value: &TokenStream, retry_if: Option<&Expr>) -> TokenStream {
    match retry_if {
        Some(retry_if) => quote_spanned! {Span::mixed_site()=>
            #krate::__private::is_transient(#value, #retry_if)
        },
        None => quote_spanned!(Span::mixed_site()=> true),
    }
}
