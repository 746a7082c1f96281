//! Idle series under an installed exporter. One test, because a process installs only one
//! recorder.

use std::time::Duration;

use mcp_metrics::{Exporter, track_llm_call, track_request, tracked};
use mcp_metrics_tests::{Scrape, eventually};

#[tracked("idle", "site")]
fn site() {}

#[tracked("idle", "uncalled")]
fn uncalled() {}

#[test]
fn idle_series_are_omitted_until_they_are_updated() {
    let exporter = Exporter::builder()
        .idle_timeout(Duration::from_millis(50))
        .install()
        .expect("nothing else installs a recorder in this process");
    let shown = || Scrape::parse(&exporter.render());
    site();
    track_llm_call("openai", "gpt-4");
    track_request("idle", "dynamic").run(|| ());
    let long = track_request("idle", "long").start();

    let scrape = shown();
    let counted = |scrape: &Scrape, operation: &str| {
        let pair = [("agent", "idle"), ("operation", operation)];
        let names = [
            "requests_total",
            "requests_success_total",
            "request_duration_seconds_count",
        ];
        names.map(|name| scrape.get(&format!("mcp_hub_{name}"), &pair))
    };
    assert_eq!(counted(&scrape, "site"), [Some(1.0); 3]);
    assert_eq!(counted(&scrape, "dynamic"), [Some(1.0); 3]);
    assert_eq!(counted(&scrape, "uncalled"), [Some(0.0); 3]);
    let calls = |scrape: &Scrape| scrape.select("mcp_hub_llm_api_calls_total", &[]).count();
    assert_eq!(calls(&scrape), 1);

    eventually("idle series are omitted", || {
        let scrape = shown();
        let operations = ["site", "dynamic", "long", "uncalled"];
        operations
            .iter()
            .all(|it| counted(&scrape, it) == [None; 3])
            && calls(&scrape) == 0
    });
    // Operations in flight stay, however long they take.
    let active = |scrape: &Scrape| scrape.get("mcp_hub_active_operations", &[("agent", "idle")]);
    assert_eq!(active(&shown()), Some(1.0));

    // The counters of a literal callsite continue; those of evicted dynamic labels start at zero.
    site();
    track_request("idle", "dynamic").run(|| ());
    long.success();
    uncalled();
    let scrape = shown();
    assert_eq!(counted(&scrape, "site"), [Some(2.0); 3]);
    assert_eq!(counted(&scrape, "dynamic"), [Some(1.0); 3]);
    assert_eq!(counted(&scrape, "long"), [Some(1.0); 3]);
    assert_eq!(counted(&scrape, "uncalled"), [Some(1.0); 3]);
    assert_eq!(active(&scrape), Some(0.0));
}
