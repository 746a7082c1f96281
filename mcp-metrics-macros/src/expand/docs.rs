//! The section of a function's documentation with PromQL queries for its metrics.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Meta, Signature, Visibility, parse_quote};

use super::queries;
use crate::attr::TrackedArgs;
use crate::declared::Hint;
use crate::function::Function;

// From the environment in which the macros are built; `build.rs` checks them.
/// The base URL of the links.
const PROMETHEUS_URL: Option<&str> = option_env!("PROMETHEUS_URL");
/// The prefix of the metrics' names.
const MCP_METRICS_NAMESPACE: Option<&str> = option_env!("MCP_METRICS_NAMESPACE");
/// `1` for a section in all functions' documentation, `0` for none.
const MCP_METRICS_DOCS: Option<&str> = option_env!("MCP_METRICS_DOCS");

/// Appends the section to the documentation of a documented function, if it is to have one.
///
/// An undocumented function stays undocumented, so that `missing_docs` still reports it. Only
/// rustdoc sees the section, because other macros read `doc` attributes: rmcp's `#[tool]` sends
/// them to language models as the tool's description.
pub(super) fn append(function: &mut Function, args: &TrackedArgs, hint: Option<&Hint>) {
    let everywhere = match MCP_METRICS_DOCS {
        Some("0") => Some(false),
        Some("1") => Some(true),
        _ => None,
    };
    // Cargo sets it when it compiles or documents a binary or an example, not a library.
    let in_library = std::env::var_os("CARGO_BIN_NAME").is_none();
    let is_public = is_public(&function.vis, &function.sig, hint);
    let by_default = !(in_library && is_public);
    if everywhere.or(args.docs).unwrap_or(by_default) && function.attrs.iter().any(is_text) {
        let namespace = MCP_METRICS_NAMESPACE.filter(|name| !name.is_empty());
        let url = PROMETHEUS_URL.filter(|url| !url.is_empty());
        let section = section(args, namespace.unwrap_or("mcp_hub"), url);
        let lines = section.lines();
        let attrs = lines.map(|line| parse_quote!(#[cfg_attr(doc, doc = #line)]));
        function.attrs.extend(attrs);
    }
}

/// Returns whether the attribute is a part of the documentation's text, not `#[doc(hidden)]`.
fn is_text(attr: &Attribute) -> bool {
    attr.path().is_ident("doc") && matches!(attr.meta, Meta::NameValue(_))
}

/// Returns whether the documentation of other crates may show the function: it is `pub`, or a
/// method of a trait that is not known to be private.
fn is_public(vis: &Visibility, sig: &Signature, hint: Option<&Hint>) -> bool {
    match (vis, hint) {
        (Visibility::Public(_), _) => true,
        (Visibility::Restricted(_), _) => false,
        (Visibility::Inherited, Some(hint)) => hint.of_public_trait,
        // Without the block, a private method looks like one of a trait.
        (Visibility::Inherited, None) => mentions_self(sig.to_token_stream()),
    }
}

fn mentions_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "self" || word == "Self",
        TokenTree::Group(group) => mentions_self(group.stream()),
        _ => false,
    })
}

fn section(args: &TrackedArgs, namespace: &str, prometheus: Option<&str>) -> String {
    let queries = queries::of(args, namespace);
    let items = queries.map(|(what, query)| {
        let code = code(&query);
        match prometheus {
            Some(url) => {
                let url = url.trim_end_matches('/');
                let query = percent_encoded(&query);
                format!("- [{what}]({url}/graph?g0.expr={query}&g0.tab=0): {code}")
            }
            None => format!("- {what}: {code}"),
        }
    });
    format!("\n\n# Metrics\n\n{}\n", items.join("\n"))
}

/// Returns a query as inline code, between more backticks than it contains in a row.
fn code(query: &str) -> String {
    let rows = query.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(rows.max().unwrap_or_default() + 1);
    format!("{fence}{query}{fence}")
}

fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Delimiter, Group};
    use quote::{format_ident, quote};

    use super::*;

    fn args(tokens: TokenStream) -> TrackedArgs {
        TrackedArgs::parse(tokens, &format_ident!("run")).expect("arguments")
    }

    /// Returns the number of attributes that a function gets.
    fn appended(item: TokenStream, arguments: TokenStream) -> usize {
        let mut function = Function::parse(item, "tracked").expect("a function");
        let before = function.attrs.len();
        append(&mut function, &args(arguments), None);
        let added = &function.attrs[before..];
        // Other macros do not read `cfg_attr` as documentation.
        assert!(added.iter().all(|attr| attr.path().is_ident("cfg_attr")));
        added.len()
    }

    fn visible(item: TokenStream, hint: Option<TokenStream>) -> bool {
        let function = Function::parse(item, "tracked").expect("a function");
        let hint = hint.and_then(|hint| Hint::take(hint).expect("a hint").0);
        is_public(&function.vis, &function.sig, hint.as_ref())
    }

    #[test]
    fn links_contain_the_encoded_query() {
        let text = section(
            &args(quote!("a", "b c")),
            "acme",
            Some("http://prometheus:9090/"),
        );
        let link = "(http://prometheus:9090/graph?g0.expr=sum%28acme_active_operations\
                    %7Bagent%3D%22a%22%7D%29&g0.tab=0)";
        assert!(text.contains(link), "{text}");
    }

    #[test]
    fn backticks_in_a_label_are_in_a_longer_fence() {
        let text = section(&args(quote!("a``b", "`")), "mcp_hub", None);
        let code = "```sum(rate(mcp_hub_requests_total{agent=\"a``b\", operation=\"`\"}[5m]))```\n";
        assert!(text.contains(code), "{text}");
    }

    // The tests are compiled as a library, where private functions have a section by default.
    #[test]
    fn only_documented_functions_get_a_section() {
        assert_eq!(
            appended(
                quote!(
                    fn run() {}
                ),
                quote!("a", docs = true)
            ),
            0
        );
        let hidden = quote!(
            #[doc(hidden)]
            #[doc(alias = "go")]
            fn run() {}
        );
        assert_eq!(appended(hidden, quote!("a", docs = true)), 0);
        let documented = quote!(
            #[doc = "Runs."]
            fn run() {}
        );
        assert!(appended(documented, quote!("a")) > 5);
    }

    #[test]
    fn argument_takes_precedence_over_the_visibility() {
        let public = quote!(
            #[doc = "Runs."]
            pub fn run() {}
        );
        let private = quote!(
            #[doc = "Runs."]
            fn run() {}
        );
        assert_eq!(appended(public.clone(), quote!("a")), 0);
        assert!(appended(public, quote!("a", docs = true)) > 5);
        assert_eq!(appended(private, quote!("a", docs = false)), 0);
    }

    #[test]
    fn functions_with_pub_and_methods_of_unknown_traits_are_public() {
        assert!(visible(
            quote!(
                pub fn run() {}
            ),
            None
        ));
        let vis = Group::new(Delimiter::None, quote!(pub));
        assert!(visible(quote!(#vis fn run() {}), None));
        assert!(visible(
            quote!(
                pub fn run(&self) {}
            ),
            Some(quote!(@ {}))
        ));
        assert!(visible(
            quote!(
                fn run(&self) {}
            ),
            None
        ));
        assert!(visible(
            quote!(
                fn new() -> Option<Self> {}
            ),
            None
        ));
        assert!(visible(
            quote!(
                fn run(&self) {}
            ),
            Some(quote!(@ pub { u8 }))
        ));
    }

    #[test]
    fn private_functions_and_methods_of_private_blocks_are_not_public() {
        assert!(!visible(
            quote!(
                fn run() {}
            ),
            None
        ));
        let vis = Group::new(Delimiter::None, quote!());
        assert!(!visible(quote!(#vis fn run() {}), None));
        assert!(!visible(
            quote!(
                pub(crate) fn run() {}
            ),
            None
        ));
        assert!(!visible(
            quote!(
                pub(in crate::a) fn run(&self) {}
            ),
            None
        ));
        assert!(!visible(
            quote!(
                fn run(&self) {}
            ),
            Some(quote!(@ { u8 }))
        ));
    }
}
