//! Global labels next to the labels of requests, under the installed recorder.

use mcp_metrics::{Exporter, track_request, tracked};
use mcp_metrics_tests::Scrape;

#[tracked("planner", "plan")]
fn plan(fail: bool) -> Result<(), u8> {
    if fail { Err(1) } else { Ok(()) }
}

#[test]
fn series_label_overrides_the_global_label() {
    let exporter = Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
        .global_label("zone", "b")
        .global_label("agent", "every agent")
        .global_label("operation", "every operation")
        .global_label("error_type", "every error")
        .install()
        .unwrap();
    plan(false).unwrap();
    plan(true).unwrap_err();
    let _writing = track_request("writer", "write").start();
    let _reading = track_request("writer", "read").start();
    let _planning = track_request("planner", "check").start();
    // The facade adds to the series of the requests in flight.
    metrics::gauge!("mcp_hub_active_operations", "agent" => "writer").increment(4.0);

    let scrape = Scrape::parse(&exporter.render());
    let zone = ("zone", "b");
    let without_error = ("error_type", "every error");
    let plan = [("agent", "planner"), ("operation", "plan"), zone];
    for (name, value) in [
        ("mcp_hub_requests_total", 2.0),
        ("mcp_hub_requests_success_total", 1.0),
        ("mcp_hub_request_duration_seconds_count", 2.0),
    ] {
        let labels = [&plan[..], &[without_error]].concat();
        assert_eq!(scrape.value(name, &labels), value, "{name}");
    }
    let failed = [&plan[..], &[("error_type", "u8")]].concat();
    assert_eq!(scrape.value("mcp_hub_requests_failed_total", &failed), 1.0);
    for (agent, active) in [("planner", 1.0), ("writer", 6.0)] {
        let labels = [
            ("agent", agent),
            ("operation", "every operation"),
            zone,
            without_error,
        ];
        assert_eq!(
            scrape.value("mcp_hub_active_operations", &labels),
            active,
            "{agent}"
        );
    }
    assert_eq!(scrape.select("mcp_hub_active_operations", &[]).count(), 2);
}
