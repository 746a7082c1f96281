//! PromQL queries for the metrics of a function. The guides write them in the same form.

use crate::attr::{Label, TrackedArgs};

/// Returns the queries, each with what it computes.
///
/// They select the series by the literal labels and group them by the dynamic ones. An error ratio
/// has the completed requests as its denominator: a request that fails was started earlier, so a
/// ratio to the started requests could exceed 1.
pub(super) fn of(args: &TrackedArgs, namespace: &str) -> [(&'static str, String); 4] {
    let agent = Series::of(&[("agent", &args.agent)]);
    let both = Series::of(&[("agent", &args.agent), ("operation", &args.operation)]);
    let rate = |family: &str| both.rate(&format!("{namespace}_{family}"));
    let sum = |family: &str| both.sum(&rate(family), None);
    let (success, failed) = (sum("requests_success_total"), sum("requests_failed_total"));
    let buckets = both.sum(&rate("request_duration_seconds_bucket"), Some("le"));
    let active = agent.selector(&format!("{namespace}_active_operations"));
    [
        ("Requests per second", sum("requests_total")),
        ("Error ratio", format!("{failed} / ({success} + {failed})")),
        (
            "95th percentile of seconds",
            format!("histogram_quantile(0.95, {buckets})"),
        ),
        ("Active operations of the agent", agent.sum(&active, None)),
    ]
}

/// Series with these labels.
struct Series {
    /// `name="value"` for each literal label.
    matchers: Vec<String>,
    /// The names of the dynamic labels.
    dynamic: Vec<&'static str>,
}

impl Series {
    fn of(labels: &[(&'static str, &Label)]) -> Self {
        let (mut matchers, mut dynamic) = (Vec::new(), Vec::new());
        for (name, label) in labels {
            match label {
                Label::Literal(text) => {
                    matchers.push(format!("{name}=\"{}\"", escaped(&text.value())));
                }
                Label::Dynamic(_) => dynamic.push(*name),
            }
        }
        Self { matchers, dynamic }
    }

    fn selector(&self, metric: &str) -> String {
        match &*self.matchers.join(", ") {
            "" => metric.to_owned(),
            matchers => format!("{metric}{{{matchers}}}"),
        }
    }

    fn rate(&self, metric: &str) -> String {
        format!("rate({}[5m])", self.selector(metric))
    }

    fn sum(&self, vector: &str, bound: Option<&str>) -> String {
        let labels: Vec<_> = self.dynamic.iter().copied().chain(bound).collect();
        match &*labels.join(", ") {
            "" => format!("sum({vector})"),
            labels => format!("sum by ({labels}) ({vector})"),
        }
    }
}

/// Returns a label's value as it is written between quotes.
fn escaped(value: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    value.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use quote::{format_ident, quote};

    use super::*;

    fn queries(tokens: proc_macro2::TokenStream, namespace: &str) -> [String; 4] {
        let args = TrackedArgs::parse(tokens, &format_ident!("run")).expect("arguments");
        of(&args, namespace).map(|(_, query)| query)
    }

    #[test]
    fn queries_select_by_literal_labels() {
        let labels = r#"{agent="a\"\\b\n\u0007é", operation="c"}"#;
        assert_eq!(
            queries(quote!("a\"\\b\n\u{7}é", "c"), "mcp_hub"),
            [
                format!("sum(rate(mcp_hub_requests_total{labels}[5m]))"),
                format!(
                    "sum(rate(mcp_hub_requests_failed_total{labels}[5m])) / \
                     (sum(rate(mcp_hub_requests_success_total{labels}[5m])) + \
                     sum(rate(mcp_hub_requests_failed_total{labels}[5m])))"
                ),
                format!(
                    "histogram_quantile(0.95, sum by (le) \
                     (rate(mcp_hub_request_duration_seconds_bucket{labels}[5m])))"
                ),
                r#"sum(mcp_hub_active_operations{agent="a\"\\b\n\u0007é"})"#.to_owned(),
            ]
        );
    }

    #[test]
    fn queries_group_by_dynamic_labels() {
        let [rate, errors, quantile, active] = queries(quote!(agent = self.name()), "acme");
        let requests = "rate(acme_requests_total{operation=\"run\"}[5m])";
        assert_eq!(rate, format!("sum by (agent) ({requests})"));
        let failed = "sum by (agent) (rate(acme_requests_failed_total{operation=\"run\"}[5m]))";
        assert!(errors.starts_with(&format!("{failed} / (")), "{errors}");
        assert!(quantile.contains("sum by (agent, le) (rate("), "{quantile}");
        assert_eq!(active, "sum by (agent) (acme_active_operations)");
        let [rate, ..] = queries(quote!(self.name(), name), "acme");
        assert_eq!(
            rate,
            "sum by (agent, operation) (rate(acme_requests_total[5m]))"
        );
    }
}
