//! The section of a function's documentation with PromQL queries for its metrics.

use syn::{Attribute, parse_quote};

use crate::attr::{Label, TrackedArgs};

/// The base URL of the links, from the environment of the build; see `build.rs`.
const PROMETHEUS_URL: Option<&str> = option_env!("PROMETHEUS_URL");
/// `0` omits the section.
const MCP_METRICS_DOCS: Option<&str> = option_env!("MCP_METRICS_DOCS");

/// Appends the section to the documentation of a documented function.
///
/// An undocumented function stays undocumented, so that `missing_docs` still reports it. Only
/// rustdoc sees the section, because other macros read `doc` attributes: rmcp's `#[tool]` sends
/// them to language models as the tool's description.
pub(super) fn append(attrs: &mut Vec<Attribute>, args: &TrackedArgs) {
    let documented = attrs.iter().any(|attr| attr.path().is_ident("doc"));
    if !documented || MCP_METRICS_DOCS == Some("0") {
        return;
    }
    for line in section(args, PROMETHEUS_URL).lines() {
        attrs.push(parse_quote!(#[cfg_attr(doc, doc = #line)]));
    }
}

fn section(args: &TrackedArgs, prometheus: Option<&str>) -> String {
    let agent = selector("agent", &args.agent);
    let both: Vec<_> = agent
        .iter()
        .cloned()
        .chain(selector("operation", &args.operation))
        .collect();
    let (agent, both) = (agent.unwrap_or_default(), both.join(","));
    let queries = [
        (
            "Requests per second",
            format!("sum(rate(mcp_hub_requests_total{{{both}}}[5m]))"),
        ),
        (
            "Error ratio",
            format!(
                "sum(rate(mcp_hub_requests_failed_total{{{both}}}[5m])) / \
                 sum(rate(mcp_hub_requests_total{{{both}}}[5m]))"
            ),
        ),
        (
            "95th percentile of seconds",
            format!(
                "histogram_quantile(0.95, sum by (le) \
                 (rate(mcp_hub_request_duration_seconds_bucket{{{both}}}[5m])))"
            ),
        ),
        (
            "Active operations of the agent",
            format!("sum(mcp_hub_active_operations{{{agent}}})"),
        ),
    ];
    let items = queries.map(|(what, query)| match prometheus {
        Some(url) => {
            let url = url.trim_end_matches('/');
            let query_in_url = percent_encoded(&query);
            format!("- [{what}]({url}/graph?g0.expr={query_in_url}&g0.tab=0): `{query}`")
        }
        None => format!("- {what}: `{query}`"),
    });
    format!("\n\n# Metrics\n\n{}\n", items.join("\n"))
}

/// Returns `name="value"` for a literal label.
fn selector(name: &str, label: &Label) -> Option<String> {
    match label {
        Label::Literal(text) => Some(format!("{name}={:?}", text.value())),
        Label::Dynamic(_) => None,
    }
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
    use quote::{format_ident, quote};

    use super::*;

    fn args(tokens: proc_macro2::TokenStream) -> TrackedArgs {
        TrackedArgs::parse(tokens, &format_ident!("run")).expect("arguments")
    }

    #[test]
    fn queries_select_only_literal_labels() {
        let text = section(&args(quote!("a\"b", "c")), None);
        assert!(text.contains(r#"rate(mcp_hub_requests_total{agent="a\"b",operation="c"}[5m])"#));
        assert!(text.contains(r#"sum(mcp_hub_active_operations{agent="a\"b"})"#));
        let text = section(&args(quote!(agent = self.name())), None);
        assert!(text.contains(r#"rate(mcp_hub_requests_total{operation="run"}[5m])"#));
        assert!(text.contains("sum(mcp_hub_active_operations{})"));
    }

    #[test]
    fn links_contain_the_encoded_query() {
        let text = section(&args(quote!("a", "b c")), Some("http://prometheus:9090/"));
        let link = "(http://prometheus:9090/graph?g0.expr=sum%28mcp_hub_active_operations\
                    %7Bagent%3D%22a%22%7D%29&g0.tab=0)";
        assert!(text.contains(link), "{text}");
    }

    #[test]
    fn only_documented_functions_get_a_section() {
        let mut none = Vec::new();
        append(&mut none, &args(quote!("a")));
        assert!(none.is_empty());
        let mut some = vec![parse_quote!(#[doc = "Runs."])];
        append(&mut some, &args(quote!("a")));
        // Other macros do not read `cfg_attr` as documentation.
        assert!(
            some.len() > 5
                && some[1..]
                    .iter()
                    .all(|attr| attr.path().is_ident("cfg_attr"))
        );
    }
}
