//! Queries that can match no series.

use mcp_metrics::testing::record;
use mcp_metrics::{catalog, track_llm_call, track_request};

use super::message;

fn nothing() {}

#[test]
fn unknown_family_suggests_the_nearest_name() {
    for (unknown, near) in [
        ("mcp_hub_request_total", "mcp_hub_requests_total"),
        ("mcp_hub_requests", "mcp_hub_requests_total"),
        ("mcp_hub_reqeusts_total", "mcp_hub_requests_total"),
        ("mcp_hub_Requests_Total", "mcp_hub_requests_total"),
        ("mcp-hub.requests.totl", "mcp_hub_requests_total"),
        ("mcp_hub_success_total", "mcp_hub_requests_success_total"),
        ("mcp_hub_llm_calls_total", "mcp_hub_llm_api_calls_total"),
        ("mcp_hub_cache_hit_total", "mcp_hub_cache_hits_total"),
        (
            "mcp_hub_retries_exhausted",
            "mcp_hub_retries_exhausted_total",
        ),
        ("mcp_metrics_scrape_total", "mcp_metrics_scrapes_total"),
        // A typing error in the prefix.
        ("mpc_hub_requests_total", "mcp_hub_requests_total"),
        ("mcp_hubs_requests_total", "mcp_hub_requests_total"),
    ] {
        let found = message(nothing, |metrics| _ = metrics.counter(unknown, &[]));
        let unknown = unknown.replace(['-', '.'], "_");
        let expected = format!("unknown family `{unknown}`; did you mean `{near}`?");
        assert_eq!(found, expected);
    }
    let found = message(nothing, |metrics| _ = metrics.gauge("mcp_hub_active", &[]));
    assert_eq!(
        found,
        "unknown family `mcp_hub_active`; did you mean `mcp_hub_active_operations`?"
    );
    let found = message(nothing, |metrics| {
        let _ = metrics.histogram("mcp_hub_request_duration", &[]);
    });
    assert_eq!(
        found,
        "unknown family `mcp_hub_request_duration`; did you mean \
         `mcp_hub_request_duration_seconds`?"
    );
    let found = message(nothing, |metrics| _ = metrics.counter("mcp_hub_zzz", &[]));
    assert_eq!(
        found,
        "unknown family `mcp_hub_zzz`; its families are in `mcp_metrics::catalog`"
    );
}

#[cfg(feature = "rmcp")]
#[test]
fn unknown_family_of_mcp_servers_suggests_the_nearest_name() {
    for (unknown, near) in [
        ("mcp_server_session_total", "mcp_server_sessions_total"),
        ("mcp_http_response_total", "mcp_http_responses_total"),
    ] {
        let found = message(nothing, |metrics| _ = metrics.counter(unknown, &[]));
        let expected = format!("unknown family `{unknown}`; did you mean `{near}`?");
        assert_eq!(found, expected);
    }
}

#[test]
fn every_name_without_its_last_letter_suggests_that_name() {
    let exporter = catalog::EXPORTER_FAMILIES.iter();
    for family in catalog::FAMILIES.iter().chain(exporter) {
        let unknown = &family.name[..family.name.len() - 1];
        let found = message(nothing, |metrics| _ = metrics.counter(unknown, &[]));
        let expected = format!(
            "unknown family `{unknown}`; did you mean `{}`?",
            family.name
        );
        assert_eq!(found, expected);
    }
}

#[test]
fn sample_of_a_histogram_names_the_histogram() {
    let wait = || metrics::histogram!("queue.wait").record(1.0);
    for (sample, histogram) in [
        (
            "mcp_hub_request_duration_seconds_count",
            catalog::REQUEST_DURATION,
        ),
        (
            "mcp_hub_request_duration_seconds_bucket",
            catalog::REQUEST_DURATION,
        ),
        (
            "mcp_metrics_scrape_duration_seconds_sum",
            catalog::SCRAPE_DURATION,
        ),
        ("queue_wait_count", "queue_wait"),
    ] {
        let found = message(wait, |metrics| _ = metrics.counter(sample, &[]));
        let expected = format!(
            "`{sample}` belongs to the histogram `{histogram}`; use `histogram(\"{histogram}\", …)`"
        );
        assert_eq!(found, expected);
    }
}

#[test]
fn wrong_kind_names_the_right_method() {
    let queue = || metrics::gauge!("queue").set(1.0);
    assert_eq!(
        message(queue, |metrics| _ =
            metrics.gauge("mcp_hub_requests_total", &[])),
        "`mcp_hub_requests_total` is a counter, not a gauge; use `counter`",
    );
    assert_eq!(
        message(queue, |metrics| _ = metrics.counter("queue", &[])),
        "`queue` is a gauge, not a counter; use `gauge`",
    );
    assert_eq!(
        message(queue, |metrics| _ =
            metrics.gauge(catalog::REQUEST_DURATION, &[])),
        "`mcp_hub_request_duration_seconds` is a histogram, not a gauge; use `histogram`",
    );
    // Families that are not exported before they have a series.
    for family in catalog::EXPORTER_FAMILIES {
        let kind = family.kind.as_str();
        let name = family.name;
        let (found, wrong) = if kind == "counter" {
            (
                message(nothing, |it| _ = it.histogram(name, &[])),
                "histogram",
            )
        } else {
            (message(nothing, |it| _ = it.counter(name, &[])), "counter")
        };
        let expected = format!("`{name}` is a {kind}, not a {wrong}; use `{kind}`");
        assert_eq!(found, expected);
    }
}

#[test]
fn unknown_label_lists_the_labels_and_suggests_the_nearest() {
    for (family, label, expected) in [
        (
            "mcp_hub_requests_total",
            "agnet",
            "its labels are `agent`, `operation`; did you mean `agent`?",
        ),
        (
            "mcp_hub_requests_failed_total",
            "errorType",
            "its labels are `agent`, `operation`, `error_type`; did you mean `error_type`?",
        ),
        (
            "mcp_hub_requests_total",
            "error_type",
            "its labels are `agent`, `operation`",
        ),
        (
            "mcp_hub_llm_api_calls_total",
            "x",
            "its labels are `provider`, `model`",
        ),
        (
            "mcp_hub_search_api_calls_total",
            "engine",
            "it has no labels",
        ),
    ] {
        let found = message(nothing, |it| _ = it.counter(family, &[(label, "a")]));
        assert_eq!(
            found,
            format!("`{family}` has no label `{label}`; {expected}")
        );
    }
}

#[test]
fn metric_of_the_program_that_was_not_recorded_is_absent() {
    let ((), metrics) = record(|| {
        metrics::counter!("tx_bytes_total", "shard" => "a").increment(1);
        metrics::counter!("mcp_hub_own_total").increment(2);
        metrics::gauge!("queue_length").set(1.0);
    });
    // Names that differ in one letter may both be meant.
    assert_eq!(metrics.counter("rx_bytes_total", &[]), 0);
    assert_eq!(metrics.counter("tx_bytes_total", &[("share", "a")]), 0);
    assert_eq!(metrics.gauge("queue_lengths", &[]), None);
    assert_eq!(metrics.histogram("requests_seconds", &[]).count, 0);
    assert_eq!(metrics.counter("hub_jobs_total", &[]), 0);
    assert_eq!(metrics.counter("request_count", &[]), 0);
    assert_eq!(metrics.counter("", &[]), 0);
    // The prefix belongs to this crate, but the program recorded under it.
    assert_eq!(metrics.counter("mcp_hub_own_total", &[]), 2);
}

#[test]
fn known_families_without_a_series_can_be_queried() {
    let ((), metrics) = record(|| {
        track_llm_call("openai", "gpt-4");
        track_request("planner", "plan").run(|| ());
    });
    let exporter = catalog::EXPORTER_FAMILIES.iter();
    for family in catalog::FAMILIES.iter().chain(exporter) {
        let labels: Vec<_> = family.labels.iter().map(|label| (*label, "?")).collect();
        match family.kind.as_str() {
            "counter" if labels.is_empty() => assert_eq!(metrics.counter(family.name, &[]), 0),
            "counter" => assert_eq!(metrics.counter(family.name, &labels), 0),
            "gauge" => assert_eq!(metrics.gauge(family.name, &labels), None),
            "histogram" => assert_eq!(metrics.histogram(family.name, &labels).count, 0),
            kind => unreachable!("unknown kind {kind}"),
        }
    }
}
