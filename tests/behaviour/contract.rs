//! The families that dashboards and alerts query: names, kinds, labels, buckets, presence.

use std::collections::{BTreeMap, BTreeSet};

use mcp_metrics::{
    ExecutionStatus, catalog, track_cache_access, track_code_execution, track_llm_call,
    track_request, track_retry, track_search_call,
};
use mcp_metrics_tests::{Scrape, exporter, scrape};

/// The contract, independent of the catalogue: name, kind and labels.
const CONTRACT: [(&str, &str, &[&str]); 19] = [
    ("mcp_hub_app_info", "gauge", &["version", "name"]),
    ("mcp_hub_requests_total", "counter", &["agent", "operation"]),
    (
        "mcp_hub_requests_success_total",
        "counter",
        &["agent", "operation"],
    ),
    (
        "mcp_hub_requests_failed_total",
        "counter",
        &["agent", "operation", "error_type"],
    ),
    (
        "mcp_hub_request_duration_seconds",
        "histogram",
        &["agent", "operation"],
    ),
    ("mcp_hub_active_operations", "gauge", &["agent"]),
    ("mcp_hub_cpu_usage_percent", "gauge", &[]),
    ("mcp_hub_memory_usage_percent", "gauge", &[]),
    ("mcp_hub_memory_available_bytes", "gauge", &[]),
    ("mcp_hub_disk_usage_percent", "gauge", &[]),
    ("mcp_hub_disk_free_bytes", "gauge", &[]),
    ("mcp_hub_uptime_seconds", "gauge", &[]),
    (
        "mcp_hub_llm_api_calls_total",
        "counter",
        &["provider", "model"],
    ),
    ("mcp_hub_search_api_calls_total", "counter", &[]),
    ("mcp_hub_code_executions_total", "counter", &["status"]),
    ("mcp_hub_cache_hits_total", "counter", &["cache_type"]),
    ("mcp_hub_cache_misses_total", "counter", &["cache_type"]),
    ("mcp_hub_retries_total", "counter", &["service", "attempt"]),
    ("mcp_hub_retries_exhausted_total", "counter", &["service"]),
];

/// Records to every family, and scrapes.
fn record_everything() -> Scrape {
    exporter();
    track_request("agent", "works").run(|| ());
    track_request("agent", "fails").start().failure("Timeout");
    track_llm_call("openai", "gpt-4");
    track_search_call();
    track_code_execution(ExecutionStatus::Success);
    track_code_execution(ExecutionStatus::Failure);
    track_cache_access("llm", true);
    track_cache_access("llm", false);
    track_retry("llm_api", 3, true);
    scrape()
}

#[test]
fn catalogue_matches_the_contract() {
    let catalogue: Vec<_> = catalog::FAMILIES
        .iter()
        .map(|f| (f.name, f.kind.as_str(), f.labels))
        .collect();
    assert_eq!(catalogue, CONTRACT);
}

#[test]
fn every_family_is_exported_with_its_kind_help_and_labels() {
    let scrape = record_everything();
    for (name, kind, labels) in CONTRACT {
        assert_eq!(
            scrape.kind.get(name).map(String::as_str),
            Some(kind),
            "{name}"
        );
        assert!(
            scrape.help.get(name).is_some_and(|help| !help.is_empty()),
            "{name}"
        );
        let series: Vec<_> = match kind {
            "histogram" => scrape
                .samples
                .iter()
                .filter(|s| s.0.starts_with(name))
                .collect(),
            _ => scrape.samples.iter().filter(|s| s.0 == name).collect(),
        };
        assert!(!series.is_empty(), "{name} has no series");
        let expected: BTreeSet<_> = labels.iter().copied().collect();
        for (_, found, _) in series {
            let found: BTreeSet<_> = found
                .keys()
                .map(String::as_str)
                .filter(|k| *k != "le")
                .collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}

#[test]
fn no_other_names_are_exported() {
    let names: BTreeSet<_> = record_everything()
        .samples
        .iter()
        .filter(|(name, ..)| name.starts_with("mcp_"))
        .map(|(name, ..)| name.clone())
        .collect();
    let mut expected: BTreeSet<_> = CONTRACT
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect();
    expected.remove("mcp_hub_request_duration_seconds");
    for suffix in ["bucket", "sum", "count"] {
        expected.insert(format!("mcp_hub_request_duration_seconds_{suffix}"));
    }
    assert_eq!(names, expected);
}

#[test]
fn buckets_have_the_documented_bounds_and_are_cumulative() {
    let scrape = record_everything();
    let pair = [("agent", "agent"), ("operation", "works")];
    let bounds: Vec<_> = scrape
        .select("mcp_hub_request_duration_seconds_bucket", &pair)
        .map(|(_, labels, _)| labels["le"].clone())
        .collect();
    assert_eq!(
        bounds,
        [
            "0.1", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0", "60.0", "120.0", "+Inf"
        ]
    );
    let counts: Vec<_> = scrape
        .select("mcp_hub_request_duration_seconds_bucket", &pair)
        .map(|(.., count)| *count)
        .collect();
    assert!(counts.is_sorted());
    let count = scrape.value("mcp_hub_request_duration_seconds_count", &pair);
    assert_eq!(counts.last(), Some(&count));
}

#[test]
fn system_families_are_exported_at_the_first_scrape() {
    let scrape = Scrape::parse(&exporter().render());
    for percent in ["cpu", "memory", "disk"] {
        let value = scrape.value(&format!("mcp_hub_{percent}_usage_percent"), &[]);
        assert!((0.0..=100.0).contains(&value), "{percent}: {value}");
    }
    assert!(scrape.value("mcp_hub_memory_available_bytes", &[]) > 0.0);
    assert!(scrape.value("mcp_hub_disk_free_bytes", &[]) > 0.0);
    assert!(scrape.value("mcp_hub_uptime_seconds", &[]) > 0.0);
    assert!(scrape.get("mcp_hub_search_api_calls_total", &[]).is_some());
    assert_eq!(
        scrape.value(
            "mcp_hub_app_info",
            &[("name", "tests"), ("version", "1.0.0")]
        ),
        1.0
    );
}

#[test]
fn uptime_increases_between_scrapes() {
    let first = scrape().value("mcp_hub_uptime_seconds", &[]);
    let second = scrape().value("mcp_hub_uptime_seconds", &[]);
    assert!(second > first);
}

#[test]
fn families_and_series_are_sorted_and_keep_their_order() {
    record_everything();
    let order = |scrape: Scrape| -> Vec<_> {
        scrape
            .samples
            .into_iter()
            .map(|(name, labels, _)| (name, labels))
            .collect()
    };
    let text = exporter().render();
    let families: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("# TYPE"))
        .collect();
    assert!(families.is_sorted());
    let pairs: Vec<_> = scrape()
        .select("mcp_hub_requests_total", &[])
        .map(|(_, labels, _)| (labels["agent"].clone(), labels["operation"].clone()))
        .collect();
    assert!(pairs.is_sorted());
    // Other tests may add series in between, which must not reorder the existing ones.
    let before = order(scrape());
    let mut after = order(scrape());
    after.retain(|series| before.contains(series));
    assert_eq!(before, after);
}

#[test]
fn retry_attempts_above_sixteen_share_a_label() {
    exporter();
    for attempt in [1, 16, 17, 1_000] {
        track_retry("many", attempt, false);
    }
    let attempts: BTreeMap<_, _> = scrape()
        .select("mcp_hub_retries_total", &[("service", "many")])
        .map(|(_, labels, count)| (labels["attempt"].clone(), count.to_string()))
        .collect();
    let expected = [("1", "1"), ("16", "1"), ("16+", "2")];
    assert_eq!(
        attempts,
        expected.map(|(a, n)| (a.to_owned(), n.to_owned())).into()
    );
    assert!(
        scrape()
            .get("mcp_hub_retries_exhausted_total", &[("service", "many")])
            .is_none()
    );
}

#[test]
fn summary_matches_the_scrape() {
    record_everything();
    track_request("summed", "up").run(|| ());
    track_request("summed", "up").start().failure("Timeout");
    let _active = track_request("summed", "now").start();
    let summary = exporter().summary();
    assert_eq!(
        (&*summary.app_name, &*summary.app_version),
        ("tests", "1.0.0")
    );
    assert!(summary.uptime_seconds > 0.0 && summary.system.memory_usage_percent.is_some());
    let up = summary
        .requests
        .iter()
        .find(|r| r.agent == "summed" && r.operation == "up")
        .unwrap();
    assert_eq!((up.total, up.success, up.count), (2, 1, 2));
    assert_eq!(up.failed["Timeout"], 1);
    assert_eq!(up.buckets.len(), 9);
    assert_eq!(summary.active_operations["summed"], 1);
    assert!(
        summary
            .llm_api_calls
            .iter()
            .any(|call| call.model == "gpt-4" && call.calls > 0)
    );
    assert!(summary.search_api_calls > 0 && summary.code_executions.failure > 0);
    assert!(summary.caches[0].hits > 0 && summary.caches[0].misses > 0);
    let llm = summary
        .retries
        .iter()
        .find(|retry| retry.service == "llm_api")
        .unwrap();
    assert!(llm.exhausted > 0 && llm.failed_attempts["3"] > 0);

    let json = serde_json::to_string(&summary).unwrap();
    assert_eq!(
        serde_json::from_str::<mcp_metrics::MetricsSummary>(&json).unwrap(),
        summary
    );
}

#[test]
fn readme_table_matches_the_catalogue() {
    let readme = include_str!("../../README.md");
    for family in catalog::FAMILIES {
        let labels: Vec<_> = family
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        let labels = if labels.is_empty() {
            "–".to_owned()
        } else {
            labels.join(", ")
        };
        let row = format!(
            "| `{}` | {} | {labels} |",
            family.name,
            family.kind.as_str()
        );
        assert!(readme.contains(&row), "the README lacks: {row}");
    }
}
