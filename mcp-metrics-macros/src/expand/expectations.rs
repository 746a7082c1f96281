//! `#[expect]` of lints that do not fire for a function with an attribute as without it.
//!
//! Some lints look for a statement, an argument or a type in the function itself, and the expansion
//! moves its body to a closure or an `async` block. The expectation of such a lint would be reported
//! as unfulfilled, so it becomes an `#[allow]`. The documentation of `#[tracked]` lists the lints.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token, parse_quote};

/// The lints of rustc.
const RUSTC: [&str; 1] = ["unconditional_recursion"];

/// The lints of clippy.
const CLIPPY: [&str; 24] = [
    "await_holding_lock",
    "await_holding_refcell_ref",
    "boxed_local",
    "cognitive_complexity",
    "doc_comment_double_space_linebreaks",
    "doc_lazy_continuation",
    "doc_overindented_list_items",
    "doc_paragraphs_missing_punctuation",
    "empty_line_after_doc_comments",
    "implicit_return",
    "manual_async_fn",
    "misnamed_getters",
    "missing_const_for_fn",
    "missing_errors_doc",
    "needless_lifetimes",
    "needless_pass_by_ref_mut",
    "needless_pass_by_value",
    "redundant_locals",
    "tabs_in_doc_comments",
    "unnecessary_literal_bound",
    "unnecessary_wraps",
    "unused_async",
    "unused_self",
    "unwrap_in_result",
];

/// The groups of clippy that contain such lints.
const CLIPPY_GROUPS: [&str; 9] = [
    "all",
    "complexity",
    "correctness",
    "nursery",
    "pedantic",
    "perf",
    "restriction",
    "style",
    "suspicious",
];

/// Replaces the expectations of these lints in the attributes of an item. Those of other lints
/// remain expectations.
pub(super) fn relax(attrs: &mut Vec<Attribute>) {
    *attrs = attrs
        .drain(..)
        .flat_map(|attr| match relaxed(&attr.meta) {
            Some(metas) => metas
                .into_iter()
                .map(|meta| parse_quote!(#[#meta]))
                .collect(),
            None => vec![attr],
        })
        .collect();
}

/// Returns what replaces an `expect` of such lints, or a `cfg_attr` with one; `None` if the attribute
/// remains.
fn relaxed(meta: &Meta) -> Option<Vec<Meta>> {
    let Meta::List(list) = meta else {
        return None;
    };
    let is_conditional = list.path.is_ident("cfg_attr");
    if !is_conditional && !list.path.is_ident("expect") {
        return None;
    }
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    let metas = parser.parse2(list.tokens.clone()).ok()?;
    if is_conditional {
        return relaxed_if(metas.into_iter());
    }
    let (reasons, lints): (Vec<_>, Vec<_>) = metas
        .into_iter()
        .partition(|meta| meta.path().is_ident("reason"));
    let (unreliable, kept): (Vec<_>, Vec<_>) = lints.into_iter().partition(is_unreliable);
    if unreliable.is_empty() {
        return None;
    }
    // With a span in the expansion, clippy's `allow_attributes` does not fire.
    let allow = quote_spanned!(Span::mixed_site()=> allow);
    let expect = list.path.to_token_stream();
    let levels = [(allow, unreliable), (expect, kept)].into_iter();
    let levels = levels.filter(|(_, lints)| !lints.is_empty());
    Some(levels.map(|it| attribute(&it.0, &it.1, &reasons)).collect())
}

/// Returns what replaces a `cfg_attr` with this predicate and these attributes.
fn relaxed_if(mut metas: impl Iterator<Item = Meta>) -> Option<Vec<Meta>> {
    let predicate = metas.next()?;
    let (replaced, metas): (Vec<_>, Vec<_>) = metas.map(|meta| (relaxed(&meta), meta)).unzip();
    if replaced.iter().all(Option::is_none) {
        return None;
    }
    let attributes = replaced
        .into_iter()
        .zip(metas)
        .flat_map(|(replaced, meta)| replaced.unwrap_or_else(|| vec![meta]));
    Some(vec![parse_quote!(cfg_attr(#predicate #(, #attributes)*))])
}

fn attribute(level: &TokenStream, lints: &[Meta], reasons: &[Meta]) -> Meta {
    let arguments = lints.iter().chain(reasons);
    parse_quote!(#level(#(#arguments),*))
}

/// Returns whether an `expect` of this lint or group may be unfulfilled because of the expansion.
fn is_unreliable(lint: &Meta) -> bool {
    let names: Vec<_> = lint.path().segments.iter().map(|it| &it.ident).collect();
    match names.as_slice() {
        [lint] => RUSTC.iter().any(|it| *lint == it),
        [tool, lint] => {
            let mut names = CLIPPY.iter().chain(&CLIPPY_GROUPS);
            *tool == "clippy" && names.any(|it| *lint == it)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn relaxed(attr: Attribute) -> String {
        let mut attrs = vec![attr];
        relax(&mut attrs);
        quote!(#(#attrs)*).to_string()
    }

    #[test]
    fn expectations_are_split_by_lint_and_keep_their_reason() {
        assert_eq!(
            relaxed(parse_quote!(#[expect(clippy::unused_async, clippy::todo, reason = "r")])),
            quote! {
                #[allow(clippy::unused_async, reason = "r")]
                #[expect(clippy::todo, reason = "r")]
            }
            .to_string(),
        );
        assert_eq!(
            relaxed(parse_quote!(#[cfg_attr(a, inline, expect(clippy::pedantic, dead_code))])),
            quote!(#[cfg_attr(a, inline, allow(clippy::pedantic), expect(dead_code))]).to_string(),
        );
    }

    #[test]
    fn other_attributes_are_unchanged() {
        let others: [Attribute; 5] = [
            parse_quote!(#[expect(clippy::todo, unused_async, reason = "r")]),
            parse_quote!(#[deny(clippy::unused_async)]),
            parse_quote!(#[cfg_attr(a, warn(clippy::unused_async))]),
            parse_quote!(#[expect = "clippy::unused_async"]),
            parse_quote!(#[doc(clippy::unused_async)]),
        ];
        for attr in others {
            assert_eq!(relaxed(attr.clone()), quote!(#attr).to_string());
        }
    }
}
