//! Checks that the scrape of a busy hub matches the catalogue, on which dashboards and alerts
//! depend. Other tests check the catalogue itself.

use std::collections::BTreeSet;

use mcp_metrics::catalog::{EXPORTER_FAMILIES, FAMILIES, Kind, llm, mcp};
use mcp_metrics_tests::{Scrape, scrape::Labels};

use crate::drive::Hub;

/// Starts a hub with demo traffic and returns a scrape in which every family has samples.
fn scrape_in_use() -> (Hub, String) {
    let hub = Hub::start(&["--demo-traffic"]);
    let mut text = String::new();
    mcp_metrics_tests::eventually("all families have samples", || {
        text = hub.text();
        let scrape = Scrape::parse(&text);
        let with_samples = |name: &str| {
            scrape
                .samples
                .iter()
                .any(|sample| family(&scrape, sample) == name)
        };
        FAMILIES.iter().all(|family| with_samples(family.name))
            && scrape
                .select(
                    "mcp_hub_requests_failed_total",
                    &[("error_type", "cancelled")],
                )
                .next()
                .is_some()
    });
    (hub, text)
}

/// Returns the family of a sample.
fn family<'a>(scrape: &Scrape, sample: &'a (String, Labels, f64)) -> &'a str {
    let name = &*sample.0;
    ["_bucket", "_sum", "_count"]
        .iter()
        .filter_map(|suffix| name.strip_suffix(suffix))
        .find(|family| {
            scrape
                .kind
                .get(*family)
                .is_some_and(|kind| kind == "histogram")
        })
        .unwrap_or(name)
}

#[test]
fn scraped_families_match_the_catalogue() {
    let (_hub, text) = scrape_in_use();
    let scrape = Scrape::parse(&text);
    for contract in FAMILIES {
        let name = contract.name;
        assert_eq!(
            scrape.help.get(name).map(String::as_str),
            Some(contract.help),
            "{name}"
        );
        assert_eq!(
            scrape.kind.get(name).map(String::as_str),
            Some(contract.kind.as_str()),
            "{name}"
        );
        for sample in scrape
            .samples
            .iter()
            .filter(|sample| family(&scrape, sample) == name)
        {
            let labels: BTreeSet<&str> = sample.1.keys().map(String::as_str).collect();
            let mut expected: BTreeSet<&str> = contract.labels.iter().copied().collect();
            if sample.0.ends_with("_bucket") {
                expected.insert("le");
            }
            assert_eq!(labels, expected, "{sample:?}");
        }
    }
    // No other families: neither `_created` series nor further ones with the hub's prefix. Those of
    // the MCP server and of LLM calls are exported as far as the traffic has them.
    let known: BTreeSet<&str> = FAMILIES.iter().map(|family| family.name).collect();
    let optional = mcp::FAMILIES.iter().chain(llm::FAMILIES);
    let optional: BTreeSet<&str> = optional.map(|family| family.name).collect();
    let (own, shown): (BTreeSet<&str>, BTreeSet<&str>) = scrape
        .samples
        .iter()
        .map(|sample| family(&scrape, sample))
        .filter(|name| !name.starts_with("process_") && !optional.contains(name))
        .partition(|name| EXPORTER_FAMILIES.iter().any(|family| family.name == *name));
    assert_eq!(shown, known);
    // Metrics of the endpoint itself.
    let scrapes = [
        "mcp_metrics_scrape_duration_seconds",
        "mcp_metrics_scrapes_in_flight",
        "mcp_metrics_scrapes_total",
    ];
    assert_eq!(own, BTreeSet::from(scrapes));
    assert!(
        scrape.kind.keys().eq(scrape.help.keys()),
        "each family has `# HELP` and `# TYPE`"
    );
}

#[test]
fn samples_of_a_scrape_are_consistent() {
    let (_hub, text) = scrape_in_use();
    let scrape = Scrape::parse(&text);
    let info = scrape
        .select("mcp_hub_app_info", &[])
        .next()
        .expect("an info series");
    assert_eq!((info.1["name"].as_str(), info.2), ("mcp-hub", 1.0));
    for percent in ["cpu", "memory", "disk"] {
        let value = scrape.value(&format!("mcp_hub_{percent}_usage_percent"), &[]);
        assert!((0.0..=100.0).contains(&value), "{percent}: {value}");
    }
    for (_, labels, active) in scrape.select("mcp_hub_active_operations", &[]) {
        // Holds at any time. The number of observations equals the number of ended requests only
        // while no request is in flight; other tests check this.
        let agent = [("agent", labels["agent"].as_str())];
        let sum = |name| scrape.sum(name, &agent);
        let ended = sum("mcp_hub_requests_success_total") + sum("mcp_hub_requests_failed_total");
        assert_eq!(sum("mcp_hub_requests_total") - ended, *active, "{labels:?}");
    }
    for (_, labels, count) in scrape.select("mcp_hub_request_duration_seconds_count", &[]) {
        let pair = [
            ("agent", &*labels["agent"]),
            ("operation", &*labels["operation"]),
        ];
        let buckets = scrape.select("mcp_hub_request_duration_seconds_bucket", &pair);
        let (bounds, counts): (Vec<_>, Vec<_>) =
            buckets.map(|(_, labels, n)| (&*labels["le"], *n)).unzip();
        assert_eq!(
            bounds,
            [
                "0.1", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "60.0", "120.0", "+Inf"
            ]
        );
        assert!(
            counts.is_sorted() && counts.last() == Some(count),
            "{labels:?}: {counts:?}"
        );
    }
}

#[test]
fn scrapes_are_sorted_in_a_stable_order() {
    let (hub, text) = scrape_in_use();
    let families: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("# TYPE "))
        .collect();
    assert!(families.is_sorted(), "{families:#?}");
    let scrape = Scrape::parse(&text);
    for contract in FAMILIES
        .iter()
        .filter(|family| family.kind != Kind::Histogram)
    {
        // Label values in the order of the catalogue, in which the labels are rendered.
        let series: Vec<Vec<&String>> = scrape
            .select(contract.name, &[])
            .map(|(_, labels, _)| {
                contract
                    .labels
                    .iter()
                    .map(|label| &labels[*label])
                    .collect()
            })
            .collect();
        assert!(series.is_sorted(), "{series:#?}");
    }

    // A later scrape may have more series, but keeps the order of these.
    let later = hub.text();
    let mut later = lines(&later);
    for line in lines(&text) {
        assert!(later.any(|other| other == line), "moved or missing: {line}");
    }
}

/// Returns the lines of a text, with the values of samples removed.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| match line.strip_prefix('#') {
        Some(_) => line,
        None => line.rsplit_once(' ').map_or(line, |(series, _)| series),
    })
}
