//! Detection of other attributes on the same function.
//!
//! The compiler expands the upper of two attributes first, so its code ends up inside the code of
//! the lower one. The meaning must not depend on the order: a request covers the whole retry loop,
//! and an event (an LLM call, a search, an execution or a cache access) is one attempt of a
//! generated loop.

use proc_macro2::TokenTree;
use syn::{Attribute, Meta};

const EVENTS: [&str; 4] = [
    "tracked_llm",
    "tracked_search",
    "tracked_execution",
    "tracked_cache",
];

/// Returns the index of the last `#[tracked_retry]`.
pub(super) fn retry_at(attrs: &[Attribute]) -> Option<usize> {
    attrs.iter().rposition(|attr| is(attr, "tracked_retry"))
}

/// Returns whether a `#[tracked_retry]` generates the loop.
pub(super) fn generates_loop(retry: &Attribute) -> bool {
    let Meta::List(list) = &retry.meta else {
        return false;
    };
    list.tokens
        .clone()
        .into_iter()
        .any(|token| matches!(&token, TokenTree::Ident(word) if word == "attempts"))
}

/// Returns the index of the first `#[tracked]`.
pub(super) fn tracked_at(attrs: &[Attribute]) -> Option<usize> {
    attrs.iter().position(|attr| is(attr, "tracked"))
}

/// Returns the index of the last `#[instrument]` of tracing.
pub(super) fn instrument_at(attrs: &[Attribute]) -> Option<usize> {
    attrs.iter().rposition(|attr| is(attr, "instrument"))
}

/// Returns the index of the first event attribute.
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
