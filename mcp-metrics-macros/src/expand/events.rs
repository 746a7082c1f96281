//! `#[tracked_llm]`, `#[tracked_search]`, `#[tracked_execution]` and `#[tracked_cache]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Error, Result};

use super::shape::Around;
use super::{error_and_item, failure, stacking};
use crate::attr::{Event, EventArgs, Label};
use crate::function::Function;
use crate::returns::Returns;

/// Expands the attribute called `name`, whose arguments `parse` reads.
pub(crate) fn expand(
    name: &str,
    parse: fn(TokenStream) -> Result<EventArgs>,
    args: &TokenStream,
    item: &TokenStream,
) -> TokenStream {
    try_expand(name, parse, args, item).unwrap_or_else(|error| error_and_item(&error, item))
}

fn try_expand(
    name: &str,
    parse: fn(TokenStream) -> Result<EventArgs>,
    args: &TokenStream,
    item: &TokenStream,
) -> Result<TokenStream> {
    let function = Function::parse(item.clone(), name)?;
    let parsed = parse(args.clone())?;
    let around = around(&parsed);
    let is_stream = matches!(
        Returns::of(&function.sig),
        Returns::Stream | Returns::BoxedStream
    );
    if around.at_end.is_some() && is_stream {
        return Err(Error::new(
            function.sig.output.span(),
            format!(
                "`#[{name}]` needs a value that says how it went, and a stream has none; put it \
                     on the function that makes one item"
            ),
        ));
    }
    // A loop in the function must be seen before it is wrapped. A loop that the retry attribute
    // drives goes around: each attempt is an event.
    if let Some(retry) = stacking::retry_at(&function.attrs)
        && !stacking::drives(&function.attrs[retry])
    {
        let (krate, name) = (&parsed.krate, format_ident!("{name}"));
        let again = syn::parse_quote!(#[#krate::#name(#args)]);
        return Ok(function.expanded_after(retry, again));
    }
    Ok(function.with_body(around.apply(&function)))
}

fn around(args: &EventArgs) -> Around<'_> {
    let EventArgs { event, krate } = args;
    let mut around = Around {
        krate,
        at_call: TokenStream::new(),
        at_start: TokenStream::new(),
        at_end: None,
    };
    match event {
        Event::Llm {
            provider: Label::Literal(provider),
            model: Label::Literal(model),
        } => {
            around.at_start = quote_spanned! {Span::mixed_site()=>
                #krate::__counter!(LLM_CALLS, #provider, #model).increment();
            };
        }
        Event::Llm { provider, model } => {
            around.at_call = quote_spanned! {Span::mixed_site()=>
                let (provider, model) =
                    (#krate::__private::label(#provider), #krate::__private::label(#model));
            };
            around.at_start = quote_spanned! {Span::mixed_site()=>
                #krate::track_llm_call(provider, model);
            };
        }
        Event::Search => {
            around.at_start = quote_spanned! {Span::mixed_site()=>
                #krate::__counter!(SEARCH_CALLS).increment();
            };
        }
        Event::Execution => {
            around.at_start = quote_spanned! {Span::mixed_site()=>
                let execution = #krate::__private::Execution::start(
                    #krate::__counter!(CODE_EXECUTIONS, "success"),
                    #krate::__counter!(CODE_EXECUTIONS, "failure"),
                );
            };
            let failure = failure(krate, &quote_spanned!(Span::mixed_site()=> value));
            around.at_end =
                Some(quote_spanned!(Span::mixed_site()=> execution.end(#failure.is_some());));
        }
        Event::Cache {
            cache_type: Label::Literal(cache_type),
        } => {
            around.at_end = Some(quote_spanned! {Span::mixed_site()=>
                #krate::__private::cache_access_at(
                    &value,
                    #krate::__counter!(CACHE_HITS, #cache_type),
                    #krate::__counter!(CACHE_MISSES, #cache_type),
                );
            });
        }
        Event::Cache { cache_type } => {
            around.at_call = quote_spanned! {Span::mixed_site()=>
                let cache_type = #krate::__private::label(#cache_type);
            };
            around.at_end = Some(quote_spanned! {Span::mixed_site()=>
                #krate::__private::cache_access(cache_type, &value);
            });
        }
    }
    around
}
