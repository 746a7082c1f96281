//! `#[tracked_llm]`.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Result;

use super::opened::Opened;
use super::request::{Kind, Request};
use super::wrap::{Around, BodyWrapper};
use super::{expectations, stacking};
use crate::attr::{Label, LlmArgs};
use crate::function::Function;

/// Expands to the function with its body in an LLM call.
pub(super) fn expand(args: &TokenStream, item: &TokenStream) -> Result<TokenStream> {
    let mut function = Function::parse(item.clone(), "tracked_llm")?;
    expectations::relax(&mut function.attrs);
    let parsed = LlmArgs::parse(args.clone())?;
    // `#[tracked_retry]` must find the loop in the body before the body is wrapped. If it generates
    // the loop, it must expand after this attribute, so that each attempt is a call.
    let in_loop = stacking::is_in_generated_loop(&function.attrs, &parsed.krate);
    let retry = stacking::retry_at(&function.attrs, &parsed.krate).filter(|_| !in_loop);
    if let Some(first) = retry.or(stacking::instrument_before(&function)) {
        let krate = &parsed.krate;
        let again = syn::parse_quote_spanned!(Span::call_site()=> #[#krate::tracked_llm(#args)]);
        return Ok(function.expanded_after(first, again));
    }
    let opened = Opened::of(&parsed.outcome, &function.sig, "LlmCall::track_stream(…)")?;
    let request = Request {
        krate: &parsed.krate,
        args: &parsed.outcome,
        kind: Kind::Llm {
            usage: parsed.usage.as_ref(),
        },
        labels: labels(&parsed),
        value: Opened::value_of(opened.as_ref(), &function.sig),
        opened: opened.as_ref(),
    };
    let wrapper = BodyWrapper {
        krate: &parsed.krate,
        at_call: TokenStream::new(),
        in_loop,
        around: Around::Request(request),
    };
    Ok(wrapper.apply(function))
}

/// Returns an expression of the call's labels. Literals get a callsite of their own.
fn labels(args: &LlmArgs) -> TokenStream {
    let LlmArgs {
        operation,
        provider,
        model,
        krate,
        ..
    } = args;
    match (operation, provider, model) {
        (Label::Literal(operation), Label::Literal(provider), Label::Literal(model)) => {
            quote_spanned! {Span::mixed_site()=>
                #krate::__private::LiteralCall(#krate::__llm_call!(#operation, #provider, #model))
            }
        }
        _ => {
            let [operation, provider, model] =
                [operation, provider, model].map(|label| label.evaluated(krate));
            quote_spanned! {Span::mixed_site()=>
                #krate::__private::llm_labels(#operation, #provider, #model)
            }
        }
    }
}
