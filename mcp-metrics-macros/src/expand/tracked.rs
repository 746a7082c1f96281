//! `#[tracked]` on a function.

use proc_macro2::{Span, TokenStream};
use syn::Result;

use super::labels::labels;
use super::opened::Opened;
use super::request::{Kind, Request};
use super::wrap::{Around, BodyWrapper};
use super::{block_mark, docs, expectations, stacking};
use crate::attr::{TrackedArgs, is_skip};
use crate::declared::Hint;
use crate::function::Function;

/// Expands to the function with its body in a request.
pub(super) fn expand(args: &TokenStream, item: &TokenStream) -> Result<TokenStream> {
    block_mark::check(item)?;
    if is_skip(args) {
        return Ok(item.clone());
    }
    let mut function = Function::parse(item.clone(), "tracked")?;
    expectations::relax(&mut function.attrs);
    let (hint, own) = Hint::take(args.clone())?;
    let is_in_block = hint.is_some();
    let parsed = TrackedArgs::parse(own, &function.sig.ident)?;

    // `#[tracked_retry]` expands first: it must find the loop in the body before the body is
    // wrapped. The request then covers the whole loop in either order of the attributes.
    let retry = stacking::retry_at(&function.attrs, &parsed.krate);
    if let Some(first) = retry.or(stacking::instrument_before(&function)) {
        let krate = &parsed.krate;
        let again = syn::parse_quote_spanned!(Span::call_site()=> #[#krate::tracked(#args)]);
        return Ok(function.expanded_after(first, again));
    }
    let mark = is_in_block.then(|| block_mark::statement(&function, &parsed.krate));
    let mark = mark.flatten();
    docs::append(&mut function, &parsed, hint.as_ref());
    let opened = Opened::of(
        &parsed.outcome,
        &function.sig,
        "mcp_metrics::track_stream(…)",
    )?;
    let place = opened.as_ref().map(|opened| &opened.place);
    let request = Request {
        krate: &parsed.krate,
        args: &parsed.outcome,
        kind: Kind::Agent,
        labels: labels(&parsed, hint, place, &function.sig),
        value: Opened::value_of(opened.as_ref(), &function.sig),
        opened: opened.as_ref(),
    };
    let wrapper = BodyWrapper {
        krate: &parsed.krate,
        at_call: mark.unwrap_or_default(),
        in_loop: false,
        around: Around::Request(request),
    };
    Ok(wrapper.apply(function))
}
