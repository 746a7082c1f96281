//! Checks with `promtool check metrics`, the linter of Prometheus.

use std::process::{Command, Output};

use mcp_metrics_tests::process::feed;

use crate::drive::{Hub, tools};

/// Runs the linter on a text. Returns `None` if promtool is missing and may be.
fn check(text: &str) -> Option<Output> {
    let mut promtool = Command::new(tools::promtool()?);
    Some(feed(promtool.args(["check", "metrics"]), text))
}

/// Checks that the linter reports nothing for a text.
fn assert_clean(text: &str) {
    if let Some(output) = check(text) {
        let report = [output.stdout, output.stderr].concat();
        let report = String::from_utf8_lossy(&report);
        assert!(
            output.status.success() && report.is_empty(),
            "{report}\n{text}"
        );
    }
}

#[test]
fn fresh_hub_passes_the_linter() {
    assert_clean(&Hub::start(&[]).text());
}

#[test]
fn busy_hub_passes_the_linter() {
    let hub = Hub::start(&["--demo-traffic"]);
    mcp_metrics_tests::eventually("there are failures, retries and cache hits", || {
        let scrape = hub.scrape();
        let names = ["requests_failed", "retries_exhausted", "cache_hits"];
        names
            .iter()
            .all(|name| scrape.sum(&format!("mcp_hub_{name}_total"), &[]) > 0.0)
    });
    assert_clean(&hub.text());
}

#[test]
fn invalid_text_fails_the_linter() {
    let text = Hub::start(&[]).text();
    for (from, to) in [
        ("# HELP mcp_hub_uptime_seconds Seconds", "# Seconds"),
        ("mcp_hub_search_api_calls_total", "mcp_hub_search_api_calls"),
        ("mcp_hub_uptime_seconds ", "mcp_hub_uptime_seconds one "),
    ] {
        let invalid = text.replace(from, to);
        assert_ne!(invalid, text, "{from}");
        if let Some(output) = check(&invalid) {
            assert!(!output.status.success(), "{from}: {output:?}");
        }
    }
}
