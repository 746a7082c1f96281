//! Which metrics are pushed.

use mcp_metrics::{Exporter, PushGateway, track_request};
use mcp_metrics_tests::Scrape;

use super::{NEVER, pushes};
use crate::drive::Pushgateway;

/// Gauges of the machine, the process and what is in flight.
const MOMENTARY: [&str; 10] = [
    "mcp_hub_active_operations",
    "mcp_hub_cpu_usage_percent",
    "mcp_hub_memory_usage_percent",
    "mcp_hub_memory_available_bytes",
    "mcp_hub_disk_usage_percent",
    "mcp_hub_disk_free_bytes",
    "process_open_fds",
    "process_resident_memory_bytes",
    "process_threads",
    "process_virtual_memory_bytes",
];

/// Metrics that remain true after the end.
const LASTING: [&str; 7] = [
    "mcp_hub_app_info",
    "mcp_hub_requests_total",
    "mcp_hub_request_duration_seconds_count",
    "mcp_hub_uptime_seconds",
    "process_cpu_seconds_total",
    "process_start_time_seconds",
    "rows_left",
];

/// Pushes the metrics of a program with a request in flight. Returns what the gateway has.
fn push(gateway: &Pushgateway, push: PushGateway) -> Scrape {
    let (recorder, exporter) = Exporter::builder()
        .push_gateway(push.interval(NEVER))
        .build()
        .expect("a valid configuration");
    metrics::with_local_recorder(&recorder, || {
        track_request("job", "ended").run(|| ());
        metrics::gauge!("rows_left").set(3.0);
    });
    let request = metrics::with_local_recorder(&recorder, || track_request("job", "run").start());
    exporter.shutdown();
    drop(request);
    assert_eq!(pushes(&exporter, "success"), 1.0);
    // All of them are scraped.
    let rendered = Scrape::parse(&exporter.render());
    for name in MOMENTARY.iter().chain(&LASTING) {
        assert!(rendered.select(name, &[]).next().is_some(), "{name}");
    }
    gateway.group(&[("job", "batch")])
}

#[test]
fn gauges_that_describe_the_moment_are_pushed_only_on_request() {
    let Some(gateway) = Pushgateway::start() else {
        return;
    };
    let batch = PushGateway::new(gateway.url(), "batch");
    for (configured, all) in [(batch.clone(), false), (batch.all_metrics(), true)] {
        let arrived = push(&gateway, configured);
        let has = |name: &&str| arrived.select(name, &[]).next().is_some();
        for name in LASTING {
            assert!(has(&name), "{name}");
        }
        for name in MOMENTARY {
            assert_eq!(has(&name), all, "{name}");
        }
        // No alert on what was in flight.
        let in_flight = arrived.sum("mcp_hub_active_operations", &[]);
        assert_eq!(in_flight, f64::from(u8::from(all)));
    }
}
