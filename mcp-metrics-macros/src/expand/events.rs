//! `#[tracked_search]`, `#[tracked_execution]` and `#[tracked_cache]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Error, Result};

use super::expectations;
use super::outcome::is_failure;
use super::stacking;
use super::wrap::{Around, BodyWrapper};
use crate::attr::{Event, EventArgs, Label};
use crate::function::Function;
use crate::returns::Returns;
use crate::value_type::ValueType;

/// Expands the attribute `name`, whose arguments `parse` parses, to the function with its body
/// counted.
pub(super) fn expand(
    name: &str,
    parse: fn(TokenStream) -> Result<EventArgs>,
    args: &TokenStream,
    item: &TokenStream,
) -> Result<TokenStream> {
    let mut function = Function::parse(item.clone(), name)?;
    expectations::relax(&mut function.attrs);
    let parsed = parse(args.clone())?;
    let wrapper = wrapper(&parsed, &function);
    let is_stream = matches!(Returns::of(&function.sig), Returns::Stream(_));
    if wrapper.around.reads_value() && is_stream {
        return Err(Error::new(
            function.sig.output.span(),
            format!(
                "`#[{name}]` cannot be applied to a function that returns a stream, because a \
                 stream has no single outcome; apply it to the function that produces one item"
            ),
        ));
    }
    // `#[tracked_retry]` must find the loop in the body before the body is wrapped. If it generates
    // the loop, it must expand after this attribute, so that each attempt is an event.
    if let Some(retry) = stacking::retry_at(&function.attrs, &parsed.krate)
        && !wrapper.in_loop
    {
        let (krate, name) = (&parsed.krate, format_ident!("{name}"));
        let again = syn::parse_quote!(#[#krate::#name(#args)]);
        return Ok(function.expanded_after(retry, again));
    }
    Ok(wrapper.apply(function))
}

fn wrapper<'a>(args: &'a EventArgs, function: &Function) -> BodyWrapper<'a> {
    let EventArgs { event, krate } = args;
    let value = &ValueType::of(&function.sig);
    let mut at_call = TokenStream::new();
    let around = match event {
        Event::Search => Around::Start(quote_spanned! {Span::mixed_site()=>
            #krate::__private::CounterCallsite::increment(#krate::__counter!(SEARCH_CALLS));
        }),
        Event::Execution => {
            let start = quote_spanned! {Span::mixed_site()=>
                let execution = #krate::__private::Execution::start(
                    #krate::__counter!(CODE_EXECUTIONS, "success"),
                    #krate::__counter!(CODE_EXECUTIONS, "failure"),
                );
            };
            let failed = is_failure(krate, &quote_spanned!(Span::mixed_site()=> value), value);
            Around::Statements {
                start,
                carried: quote_spanned!(Span::mixed_site()=> execution),
                end: quote_spanned! {Span::mixed_site()=>
                    #krate::__private::Execution::end(execution, #failed);
                },
            }
        }
        Event::Cache {
            cache_type: Label::Literal(cache_type),
        } => Around::end(quote_spanned! {Span::mixed_site()=>
            #krate::__private::cache_access_at(
                value,
                #krate::__counter!(CACHE_HITS, #cache_type),
                #krate::__counter!(CACHE_MISSES, #cache_type),
            );
        }),
        Event::Cache { cache_type } => {
            let cache_type = cache_type.evaluated(krate);
            at_call = quote_spanned!(Span::mixed_site()=> let cache_type = #cache_type;);
            Around::end(quote_spanned! {Span::mixed_site()=>
                #krate::__private::cache_access(cache_type, value);
            })
        }
    };
    BodyWrapper {
        krate,
        at_call,
        in_loop: stacking::is_in_generated_loop(&function.attrs, krate),
        around,
    }
}
