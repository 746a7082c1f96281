//! What Prometheus' own linter says.

use std::process::{Command, Output};

use mcp_metrics_tests::process::feed;

use crate::drive::{Hub, tools};

/// Has `promtool check metrics` read a text; nothing if the tests are to do without.
fn check(text: &str) -> Option<Output> {
    let mut promtool = Command::new(tools::promtool()?);
    Some(feed(promtool.args(["check", "metrics"]), text))
}

/// Checks that the linter has nothing to say about a text.
fn assert_clean(text: &str) {
    if let Some(output) = check(text) {
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success() && said.is_empty(), "{said}\n{text}");
    }
}

#[test]
fn the_linter_finds_nothing_in_a_fresh_hub() {
    assert_clean(&Hub::start(&[]).text());
}

#[test]
fn the_linter_finds_nothing_in_a_hub_that_is_in_use() {
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
fn the_linter_does_find_what_is_wrong() {
    let text = Hub::start(&[]).text();
    for (from, to) in [
        ("# HELP mcp_hub_uptime_seconds Seconds", "# Seconds"),
        ("mcp_hub_search_api_calls_total", "mcp_hub_search_api_calls"),
        ("mcp_hub_uptime_seconds ", "mcp_hub_uptime_seconds one "),
    ] {
        let spoilt = text.replace(from, to);
        assert_ne!(spoilt, text, "{from}");
        if let Some(output) = check(&spoilt) {
            assert!(!output.status.success(), "{from}: {output:?}");
        }
    }
}
