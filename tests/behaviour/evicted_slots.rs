//! Slots in the label limit of evicted series in shards. One test, because a process installs only
//! one recorder.

use std::time::Duration;

use mcp_metrics::{
    Exporter, track_cache_access, track_llm_call, track_request, track_retry, tracked,
};
use mcp_metrics_tests::{Scrape, eventually};

#[tracked("literal", "site")]
fn site() {}

/// Each round admits series and waits until they are evicted: a slot that is not freed would make a
/// later round overflow.
#[test]
fn slots_of_evicted_series_are_free_again_under_an_installed_exporter() {
    let exporter = Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
        .label_limit(3)
        .idle_timeout(Duration::from_millis(2))
        .install()
        .expect("nothing else installs a recorder in this process");
    let shown = || Scrape::parse(&exporter.render());
    site();
    for round in 0..10 {
        let label = format!("round {round}");
        track_llm_call("provider", label.clone());
        track_cache_access(label.clone(), true);
        track_retry(label.clone(), 1, true);
        let request = track_request("agent", label.clone()).start();
        let in_flight = track_request(label.clone(), "run").start();
        request.failure(label.clone());
        metrics::counter!("mcp_hub_search_api_calls_total").increment(1);
        let scrape = shown();
        let model = [("provider", "provider"), ("model", &*label)];
        assert_eq!(scrape.get("mcp_hub_llm_api_calls_total", &model), Some(1.0));
        let agent = [("agent", &*label)];
        assert_eq!(scrape.get("mcp_hub_active_operations", &agent), Some(1.0));
        drop(in_flight);
        assert_eq!(
            scrape.select("mcp_metrics_overflowed_total", &[]).next(),
            None
        );
        eventually("the series are evicted", || {
            let scrape = shown();
            let families = [
                "mcp_hub_llm_api_calls_total",
                "mcp_hub_cache_hits_total",
                "mcp_hub_retries_total",
                "mcp_hub_retries_exhausted_total",
                "mcp_hub_requests_failed_total",
                "mcp_hub_requests_total",
            ];
            let is_gone = |name: &&str| scrape.select(name, &[]).next().is_none();
            families.iter().all(is_gone)
        });
    }
    // A literal callsite continues; a counter without labels has never left.
    site();
    let labels = [("agent", "literal"), ("operation", "site")];
    assert_eq!(shown().value("mcp_hub_requests_total", &labels), 2.0);
    assert_eq!(shown().value("mcp_hub_search_api_calls_total", &[]), 10.0);
}
