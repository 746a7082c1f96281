//! Metrics that are recorded through the facade, under the names of the catalogue and under exported
//! ones.

use mcp_metrics::{ExporterBuilder, catalog, track_request, track_search_call};
use mcp_metrics_tests::log;
use metrics::{counter, gauge, histogram};

use crate::{PLAN, builder, recorded, warnings};

#[test]
fn both_names_of_a_family_record_in_the_same_series() {
    let scrape = recorded(builder(), || {
        track_request("planner", "plan").run(|| ());
        for prefix in ["acme", "mcp_hub"] {
            let name = |stem: &str| format!("{prefix}_{stem}");
            counter!(name("requests_total"), &PLAN).increment(10);
            // Labels in another order, and a name with another character.
            let swapped = [PLAN[1], PLAN[0]];
            counter!(format!("{prefix}.requests_total"), &swapped).increment(100);
            histogram!(name("request_duration_seconds"), &PLAN).record(7.0);
            gauge!(name("active_operations"), "agent" => "planner").increment(2.0);
            counter!(name("search_api_calls_total")).increment(1);
        }
        track_search_call();
    });
    assert_eq!(scrape.value("acme_requests_total", &PLAN), 221.0);
    let count = scrape.value("acme_request_duration_seconds_count", &PLAN);
    assert_eq!(count, 3.0);
    let active = scrape.value("acme_active_operations", &[("agent", "planner")]);
    assert_eq!(active, 4.0);
    assert_eq!(scrape.value("acme_search_api_calls_total", &[]), 3.0);
    assert!(
        scrape
            .samples
            .iter()
            .all(|(name, ..)| !name.starts_with("mcp_hub"))
    );
}

#[test]
fn gauge_recorded_under_both_names_is_not_logged_as_overwritten() {
    log::capture();
    let scrape = recorded(builder().namespace("gauges"), || {
        gauge!("mcp_hub_cpu_usage_percent").set(1.0);
        gauge!("gauges_cpu_usage_percent").set(2.0);
        gauge!("mcp_hub_disk_free_bytes").set(1.0);
        // Logged without a namespace, too.
        gauge!("gauges.disk_free_bytes").set(2.0);
    });
    assert_eq!(scrape.value("gauges_cpu_usage_percent", &[]), 2.0);
    assert_eq!(warnings("gauges_cpu_usage_percent"), [""; 0]);
    assert_eq!(warnings("gauges_disk_free_bytes").len(), 1);
}

#[test]
fn clashes_are_those_of_the_exported_names() {
    log::capture();
    let scrape = recorded(builder().namespace("clash"), || {
        // Names of the samples of `clash_requests_total` and `clash_request_duration_seconds`.
        gauge!("clash_requests").set(1.0);
        counter!("clash_request_duration_seconds_count").increment(1);
        // Another kind, under either name, and other labels.
        gauge!("clash_retries_total").set(1.0);
        gauge!("mcp_hub_cache_hits_total").set(1.0);
        counter!("clash_llm_api_calls_total", "model" => "gpt-4").increment(1);
        // These names are free in this namespace.
        gauge!("mcp_hub_requests").set(5.0);
        counter!("mcp_hub_request_duration_seconds_count").increment(6);
    });
    for (family, exported) in [
        ("clash_requests", "none"),
        ("clash_request_duration_seconds_count", "none"),
        ("clash_retries_total", "counter"),
        ("clash_cache_hits_total", "counter"),
        ("clash_llm_api_calls_total", "counter"),
    ] {
        let kind = scrape.kind.get(family).map_or("none", |kind| kind);
        assert_eq!(kind, exported, "{family}");
        assert_eq!(scrape.select(family, &[]).next(), None, "{family}");
        let logged = warnings(family);
        assert_eq!(logged.len(), 1, "{family}: {logged:?}");
        assert!(!logged[0].contains("mcp_hub"), "{logged:?}");
    }
    assert!(warnings("clash_requests")[0].contains("owner=\"clash_requests_total\""));
    assert_eq!(scrape.value("mcp_hub_requests", &[]), 5.0);
    let free = scrape.value("mcp_hub_request_duration_seconds_count", &[]);
    assert_eq!(free, 6.0);
}

#[test]
fn description_of_a_renamed_family_is_the_catalogues() {
    let scrape = recorded(builder(), || {
        metrics::describe_counter!("acme_requests_total", "Mine.");
        metrics::describe_counter!("mcp_hub_retries_total", "Mine.");
        metrics::describe_counter!("acme_jobs_total", "Jobs.");
        counter!("acme_jobs_total").increment(1);
    });
    let help = |name: &str| catalog::family(name).unwrap().help;
    assert_eq!(scrape.help["acme_requests_total"], help(catalog::REQUESTS));
    assert_eq!(scrape.help["acme_retries_total"], help(catalog::RETRIES));
    assert_eq!(scrape.help["acme_jobs_total"], "Jobs.");
}

#[test]
fn buckets_are_set_under_either_name() {
    let bounds = |builder: ExporterBuilder| {
        let scrape = recorded(builder, || {
            track_request("planner", "plan").run(|| ());
            histogram!("acme_request_duration_seconds", &PLAN).record(3.0);
        });
        let buckets = scrape.select("acme_request_duration_seconds_bucket", &PLAN);
        let counts = buckets.map(|(_, labels, count)| (labels["le"].clone(), *count));
        counts.collect::<Vec<_>>()
    };
    let expected = [("2.0", 1.0), ("4.0", 2.0), ("+Inf", 2.0)];
    let expected = expected.map(|(bound, count)| (bound.to_owned(), count));
    assert_eq!(bounds(builder().buckets(&[2.0, 4.0])), expected);
    for name in [
        catalog::REQUEST_DURATION,
        "acme_request_duration_seconds",
        "acme.request_duration_seconds",
    ] {
        let configured = builder().buckets_for(name, &[2.0, 4.0]);
        assert_eq!(bounds(configured), expected, "{name}");
    }
    assert_eq!(
        bounds(builder()).len(),
        catalog::REQUEST_DURATION_BUCKETS.len() + 1
    );
}
