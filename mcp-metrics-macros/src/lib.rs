//! The attribute macros and the derive macro of [`mcp-metrics`](https://docs.rs/mcp-metrics).
//!
//! Depend on that crate, which re-exports them, not on this one.

use proc_macro::TokenStream;

mod attr;
mod captures;
mod declared;
mod expand;
mod function;
mod returns;
mod stream_place;
mod value_type;

use attr::EventArgs;

#[doc = include_str!("../docs/tracked.md")]
#[proc_macro_attribute]
pub fn tracked(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::tracked(&args.into(), &item.into()).into()
}

#[doc = include_str!("../docs/tracked_retry.md")]
#[proc_macro_attribute]
pub fn tracked_retry(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::tracked_retry(&args.into(), &item.into()).into()
}

#[doc = include_str!("../docs/tracked_llm.md")]
#[proc_macro_attribute]
pub fn tracked_llm(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::tracked_llm(&args.into(), &item.into()).into()
}

/// Counts each call in `mcp_hub_search_api_calls_total`.
///
/// A call is counted when it starts, whatever its outcome; a future starts at its first poll. The
/// attribute is allowed on the same functions as [`#[tracked]`](macro@tracked), and the two stack
/// in any order.
///
/// ```
/// use mcp_metrics::tracked_search;
///
/// #[tracked_search]
/// fn search(query: &str) -> Vec<String> {
///     vec![query.to_owned()]
/// }
/// ```
#[proc_macro_attribute]
pub fn tracked_search(args: TokenStream, item: TokenStream) -> TokenStream {
    event("tracked_search", EventArgs::search, args, item)
}

/// Counts each call in `mcp_hub_code_executions_total{status}`.
///
/// `status` is `success` for calls that [`#[tracked]`](macro@tracked) counts as a success, and
/// `failure` if the function returns an `Err`, panics or is cancelled. The attribute stacks with
/// `#[tracked]` in any order.
///
/// ```
/// use mcp_metrics::tracked_execution;
///
/// #[tracked_execution]
/// fn execute(script: &str) -> Result<i64, std::num::ParseIntError> {
///     script.parse()
/// }
/// ```
#[proc_macro_attribute]
pub fn tracked_execution(args: TokenStream, item: TokenStream) -> TokenStream {
    event("tracked_execution", EventArgs::execution, args, item)
}

/// Counts each call as a cache lookup.
///
/// `Some` increments `mcp_hub_cache_hits_total{cache_type}`, and `None` increments
/// `mcp_hub_cache_misses_total{cache_type}`.
///
/// The function returns an `Option` or a `Result<Option<_>, _>`. An `Err`, a panic and a
/// cancellation are neither a hit nor a miss. `cache_type` is a string literal or an expression of
/// the function's arguments. The attribute stacks with [`#[tracked]`](macro@tracked) in any order.
///
/// ```
/// use std::collections::HashMap;
/// use mcp_metrics::tracked_cache;
///
/// #[tracked_cache("llm")]
/// fn look_up(answers: &HashMap<String, String>, prompt: &str) -> Option<String> {
///     answers.get(prompt).cloned()
/// }
/// ```
#[proc_macro_attribute]
pub fn tracked_cache(args: TokenStream, item: TokenStream) -> TokenStream {
    event("tracked_cache", EventArgs::cache, args, item)
}

fn event(
    name: &str,
    parse: fn(proc_macro2::TokenStream) -> syn::Result<EventArgs>,
    args: TokenStream,
    item: TokenStream,
) -> TokenStream {
    expand::event(name, parse, &args.into(), &item.into()).into()
}

#[doc = include_str!("../docs/error_type.md")]
#[proc_macro_derive(ErrorType, attributes(error_type))]
pub fn error_type(item: TokenStream) -> TokenStream {
    expand::error_type(item.into()).into()
}
