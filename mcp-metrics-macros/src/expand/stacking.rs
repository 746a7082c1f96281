//! Attributes of ours that stand together on one function.
//!
//! Of two attributes, the compiler expands the upper first, which makes it the inner one. What a
//! user means does not depend on that: a request is the whole of a retry loop, and an LLM call, a
//! search, an execution or a cache access is one attempt of a loop that the attribute drives.

use proc_macro2::TokenTree;
use syn::{Attribute, Meta};

const EVENTS: [&str; 4] = [
    "tracked_llm",
    "tracked_search",
    "tracked_execution",
    "tracked_cache",
];

/// Where the retry attribute stands, if there is one.
pub(super) fn retry_at(attrs: &[Attribute]) -> Option<usize> {
    attrs.iter().rposition(|attr| is(attr, "tracked_retry"))
}

/// Whether a retry attribute drives the loop.
pub(super) fn drives(retry: &Attribute) -> bool {
    let Meta::List(list) = &retry.meta else {
        return false;
    };
    list.tokens
        .clone()
        .into_iter()
        .any(|token| matches!(&token, TokenTree::Ident(word) if word == "attempts"))
}

/// Where the attribute itself stands on a method of a tracked block, if it does.
pub(super) fn tracked_at(attrs: &[Attribute]) -> Option<usize> {
    attrs.iter().position(|attr| is(attr, "tracked"))
}

/// Where tracing's attribute stands, if there is one.
pub(super) fn instrument_at(attrs: &[Attribute]) -> Option<usize> {
    attrs.iter().rposition(|attr| is(attr, "instrument"))
}

/// Where the first of the event attributes stands, if there is one.
pub(super) fn event_at(attrs: &[Attribute]) -> Option<usize> {
    attrs
        .iter()
        .position(|attr| EVENTS.iter().any(|event| is(attr, event)))
}

fn is(attr: &Attribute, name: &str) -> bool {
    attr.path()
        .segments
        .last()
        .is_some_and(|segment| segment.ident == name)
}
