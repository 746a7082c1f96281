//! Detection of other attributes on the same function.
//!
//! The compiler expands the upper of two attributes first, so its code ends up inside the code of
//! the lower one. The meaning must not depend on the order: a request covers the whole retry loop,
//! and an event (an LLM call, a search, an execution or a cache access) is one attempt of a
//! generated loop.

use proc_macro2::TokenTree;
use syn::{Attribute, Ident, Meta, Path};

use crate::function::Function;
use crate::returns::Returns;

const EVENTS: [&str; 4] = [
    "tracked_llm",
    "tracked_search",
    "tracked_execution",
    "tracked_cache",
];

/// Returns the index of the last `#[tracked_retry]`.
pub(super) fn retry_at(attrs: &[Attribute], krate: &Path) -> Option<usize> {
    attrs
        .iter()
        .rposition(|attr| is_own(attr.path(), "tracked_retry", krate))
}

/// Returns whether a function's body will run in a generated retry loop.
pub(super) fn is_in_generated_loop(attrs: &[Attribute], krate: &Path) -> bool {
    retry_at(attrs, krate).is_some_and(|retry| generates_loop(&attrs[retry]))
}

/// Returns whether a `#[tracked_retry]` generates the loop.
fn generates_loop(retry: &Attribute) -> bool {
    let Meta::List(list) = &retry.meta else {
        return false;
    };
    list.tokens
        .clone()
        .into_iter()
        .any(|token| matches!(&token, TokenTree::Ident(word) if word == "attempts"))
}

/// Returns the index of the last `#[instrument]` of tracing on a function that returns a future. It
/// must expand before the body is wrapped: it looks for the future at the end of the body.
pub(super) fn instrument_before(function: &Function) -> Option<usize> {
    let returns_future = matches!(Returns::of(&function.sig), Returns::Future(_));
    function
        .attrs
        .iter()
        .rposition(|attr| is_item_of(attr.path(), "instrument", "tracing"))
        .filter(|_| returns_future)
}

/// Returns the index of the first event attribute.
pub(super) fn event_at(attrs: &[Attribute], krate: &Path) -> Option<usize> {
    attrs
        .iter()
        .position(|attr| EVENTS.iter().any(|event| is_own(attr.path(), event, krate)))
}

/// Returns whether a path is an attribute of this crate: `name`, `mcp_metrics::name` or
/// `<krate>::name`. Other crates have attributes of the same name.
pub(super) fn is_own(path: &Path, name: &str, krate: &Path) -> bool {
    is_item_of(path, name, "mcp_metrics") || is_in(path, name, krate)
}

fn is_item_of(path: &Path, name: &str, krate: &str) -> bool {
    let names: Vec<_> = idents(path).collect();
    match names.as_slice() {
        [only] => *only == name,
        [first, last] => *first == krate && *last == name,
        _ => false,
    }
}

fn is_in(path: &Path, name: &str, krate: &Path) -> bool {
    let in_krate = idents(path).take(krate.segments.len()).eq(idents(krate));
    let last = idents(path).nth(krate.segments.len());
    in_krate
        && path.segments.len() == krate.segments.len() + 1
        && last.is_some_and(|last| last == name)
}

fn idents(path: &Path) -> impl Iterator<Item = &Ident> {
    path.segments.iter().map(|segment| &segment.ident)
}
