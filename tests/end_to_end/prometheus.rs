//! A real Prometheus that scrapes the hub: stored values match the hub's counts.

use std::collections::BTreeMap;

use mcp_metrics_tests::{Scrape, eventually};
use serde_json::json;

use crate::drive::{Client, Era, Hub, Prometheus, call};

/// Returns the sums of a family by agent.
fn by_agent(scrape: &Scrape, name: &str) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    for (_, labels, value) in scrape.select(name, &[]) {
        *sums.entry(labels["agent"].clone()).or_default() += value;
    }
    sums
}

#[test]
fn prometheus_stores_the_counts_of_the_hub() {
    let hub = Hub::start(&["--test-tools"]);
    let Some(prometheus) = Prometheus::start(&hub) else {
        return;
    };
    let Some(mut client) = Client::connect(&hub, Era::Sessions) else {
        return;
    };
    let calls = [
        vec![call("fault", json!({ "kind": "error" })); 3],
        vec![call("fault", json!({ "kind": "sleep", "seconds": 0.2 })); 5],
        vec![call("code_runner", json!({ "script": "6 * 7" })); 10],
        vec![call("orchestrator", json!({ "question": "push vs pull" }))],
    ]
    .concat();
    client.call_all(&calls);
    // All calls twice, with a scrape in between, so that `rate` has an increase.
    eventually("Prometheus has scraped", || {
        prometheus.value("sum(mcp_hub_requests_total{agent='fault'})") == Some(8.0)
    });
    client.call_all(&calls);
    let scrape = hub.scrape_when_idle();

    for (query, name) in [
        (
            "sum by (agent) (mcp_hub_requests_total)",
            "mcp_hub_requests_total",
        ),
        (
            "sum by (agent) (mcp_hub_requests_success_total)",
            "mcp_hub_requests_success_total",
        ),
        (
            "sum by (agent) (mcp_hub_requests_failed_total)",
            "mcp_hub_requests_failed_total",
        ),
        (
            "sum by (agent) (mcp_hub_request_duration_seconds_count)",
            "mcp_hub_request_duration_seconds_count",
        ),
        (
            "sum by (agent) (mcp_hub_active_operations)",
            "mcp_hub_active_operations",
        ),
    ] {
        let counted = by_agent(&scrape, name);
        assert!(counted.contains_key("fault"), "{name}: {counted:?}");
        eventually(query, || prometheus.query("agent", query) == counted);
    }
    let failed = "sum by (error_type) (mcp_hub_requests_failed_total)";
    let requested = prometheus
        .query("error_type", failed)
        .get("Requested")
        .copied();
    assert_eq!(requested, Some(6.0));
    // 6 of 16 requests, by the expression of an alert on the error ratio.
    let share = "sum(mcp_hub_requests_failed_total{agent='fault'}) \
                 / sum(mcp_hub_requests_total{agent='fault'})";
    assert_eq!(prometheus.value(share), Some(0.375));

    // Within the buckets of the slow calls: five of eight took 0.2 s or more.
    let buckets = "sum by (le) (mcp_hub_request_duration_seconds_bucket{agent='fault'})";
    let quantile = prometheus.value(&format!("histogram_quantile(0.9, {buckets})"));
    assert!(
        quantile.is_some_and(|seconds| seconds.is_finite() && seconds > 0.1),
        "{quantile:?}"
    );
    let rates = "sum by (le) (rate(mcp_hub_request_duration_seconds_bucket{agent='fault'}[1m]))";
    eventually("a quantile of the rates", || {
        let quantile = prometheus.value(&format!("histogram_quantile(0.9, {rates})"));
        quantile.is_some_and(|seconds| seconds.is_finite() && seconds > 0.1)
    });

    // No scrape failed, except for timeouts on a busy machine, and no sample is missing.
    let failed_scrapes = "max_over_time(((1 - up) and scrape_duration_seconds < 0.9)[10m:1s])";
    assert_eq!(prometheus.value(failed_scrapes), Some(0.0));
    let samples = u32::try_from(hub.scrape().samples.len()).expect("a small number");
    assert_eq!(
        prometheus.value("scrape_samples_scraped"),
        Some(f64::from(samples))
    );
    assert_eq!(prometheus.warnings(), Vec::<String>::new());
}

#[test]
fn stopped_hub_is_down_in_prometheus() {
    let hub = Hub::start(&[]);
    let Some(prometheus) = Prometheus::start(&hub) else {
        return;
    };
    eventually("Prometheus has scraped", || {
        prometheus.value("up") == Some(1.0)
    });
    assert_eq!(prometheus.value("mcp_hub_app_info"), Some(1.0));
    // Series exist at zero before the first request, because `increase` ignores the first sample.
    let idle = "count by (agent) (mcp_hub_requests_total == 0)";
    assert!(
        prometheus.query("agent", idle).contains_key("orchestrator"),
        "series start at zero"
    );
    drop(hub);
    eventually("Prometheus reports the hub as down", || {
        prometheus.value("up") == Some(0.0)
    });
}
