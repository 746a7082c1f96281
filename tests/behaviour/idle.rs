//! Series that have been idle for too long, under an installed exporter. One test: a process
//! installs once.

use std::time::Duration;

use mcp_metrics::{Exporter, track_request, tracked};
use mcp_metrics_tests::{Scrape, eventually};

#[tracked("idle", "site")]
fn site() {}

#[tracked("idle", "uncalled")]
fn uncalled() {}

#[test]
fn what_is_idle_is_left_out_until_it_moves() {
    let exporter = Exporter::builder()
        .idle_timeout(Duration::from_millis(50))
        .install()
        .expect("nothing else installs a recorder in this process");
    let shown = || Scrape::parse(&exporter.render());
    site();
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

    eventually("idle series are left out", || {
        let scrape = shown();
        let operations = ["site", "dynamic", "long", "uncalled"];
        operations
            .iter()
            .all(|it| counted(&scrape, it) == [None; 3])
    });
    // What is under way is so, however long it takes.
    let active = |scrape: &Scrape| scrape.get("mcp_hub_active_operations", &[("agent", "idle")]);
    assert_eq!(active(&shown()), Some(1.0));

    // A site's counters go on; those of labels that nobody held on to begin anew.
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
