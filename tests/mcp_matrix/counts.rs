//! The values of a scrape, in the short form of the table of expectations.

use std::collections::BTreeMap;

use mcp_metrics_tests::Scrape;
use mcp_metrics_tests::scrape::Labels;

/// Values that are not zero, by short name.
pub(crate) type Counts = BTreeMap<String, i64>;

/// Returns the families of the module `mcp` in a scrape, histograms as numbers of observations.
pub(crate) fn mcp_counts(text: &str, transport: &str) -> Counts {
    let families = ["mcp_server_", "mcp_http_", "mcp_client_"];
    let mut counts = Counts::new();
    for (name, labels, value) in samples(text, &families) {
        *counts
            .entry(short_name(&name, labels, transport))
            .or_default() += value;
    }
    counts.retain(|_, value| *value != 0);
    counts
}

/// Returns how often the server's tools have had an event, by `tool event`.
pub(crate) fn call_counts(text: &str) -> Counts {
    let samples = samples(text, &["test_calls_total"]);
    let named = samples.map(|(_, labels, value)| {
        let (tool, event) = (&labels["tool"], &labels["event"]);
        (format!("{tool} {event}"), value)
    });
    named.collect()
}

fn samples(text: &str, prefixes: &[&str]) -> impl Iterator<Item = (String, Labels, i64)> {
    let lines = text.lines().filter(|line| {
        let name = line.split(['{', ' ']).next().unwrap_or_default();
        prefixes.iter().any(|prefix| name.starts_with(prefix))
            && !name.ends_with("_bucket")
            && !name.ends_with("_sum")
    });
    let lines = lines.map(|line| format!("{line}\n"));
    let samples = Scrape::parse(&lines.collect::<String>()).samples;
    samples.into_iter().map(|(name, labels, value)| {
        #[expect(clippy::cast_possible_truncation, reason = "counts are integers")]
        let count = value as i64;
        (name, labels, count)
    })
}

/// Returns the short name of a series, or the series itself if it has an unexpected label.
fn short_name(name: &str, mut labels: Labels, transport: &str) -> String {
    let series = format!("{name}{labels:?}");
    let mut take = |label: &str| labels.remove(label);
    let method = take("mcp_method_name");
    let error = take("error_type").map_or(String::new(), |error| format!(" !{error}"));
    let tool = take("gen_ai_tool_name");
    let target = tool.or_else(|| take("gen_ai_prompt_name"));
    let is_ours = |labels: &mut Labels| {
        let client = (
            labels.remove("client_name"),
            labels.remove("client_version"),
        );
        client == (Some("matrix".to_owned()), Some("1".to_owned()))
    };
    let on_transport =
        |labels: &mut Labels| labels.remove("network_transport").as_deref() == Some(transport);
    let target = target.map_or(String::new(), |target| format!(" {target}"));
    let short = match (name, method) {
        ("mcp_server_operation_duration_seconds_count", Some(method))
            if on_transport(&mut labels) =>
        {
            format!("{method}{target}{error}")
        }
        ("mcp_server_active_requests", Some(method)) => format!("active {method}"),
        ("mcp_server_unknown_tool_calls_total", None) => "unknown tool".to_owned(),
        ("mcp_server_input_required_total", None) => format!("input required{target}"),
        ("mcp_server_notifications_total", Some(method)) => {
            let direction = labels.remove("direction").unwrap_or_default();
            format!("{direction} {method}")
        }
        ("mcp_server_sessions_total", None) if is_ours(&mut labels) => {
            let protocol = labels.remove("mcp_protocol_version").unwrap_or_default();
            format!("session {protocol}")
        }
        ("mcp_server_active_sessions", None) if on_transport(&mut labels) => {
            "open session".to_owned()
        }
        ("mcp_server_session_duration_seconds_count", None) if on_transport(&mut labels) => {
            format!("ended session{error}")
        }
        _ => return series,
    };
    if labels.is_empty() { short } else { series }
}
