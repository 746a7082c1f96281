//! Pushes to a real Pushgateway, and to stand-ins for behaviour that a real one rarely shows.

mod ends;
mod groups;
mod outages;
mod requests;
mod selection;
mod settings;

use std::time::Duration;

use mcp_metrics::{Exporter, ExporterBuilder, MetricsRecorder, PushGateway, track_request};
use mcp_metrics_tests::{Scrape, log};

/// Longer than any test.
const NEVER: Duration = Duration::from_hours(1);

/// The shortest push interval.
const OFTEN: Duration = Duration::from_millis(100);

/// Returns a builder without system and process metrics, and captures the log.
fn builder(gateway: PushGateway) -> ExporterBuilder {
    log::capture();
    Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
        .push_gateway(gateway)
}

fn build(gateway: PushGateway) -> (MetricsRecorder, Exporter) {
    builder(gateway).build().expect("a valid configuration")
}

/// Records a request on this recorder.
fn call(recorder: &MetricsRecorder, agent: &str, operation: &str) {
    metrics::with_local_recorder(recorder, || {
        track_request(agent.to_owned(), operation.to_owned()).run(|| ());
    });
}

/// Returns the number of requests of `agent` in a scrape.
fn calls(scrape: &Scrape, agent: &str) -> f64 {
    scrape.sum("mcp_hub_requests_total", &[("agent", agent)])
}

/// Returns the number of pushes with this result.
fn pushes(exporter: &Exporter, result: &str) -> f64 {
    let scrape = Scrape::parse(&exporter.render());
    scrape.sum("mcp_metrics_pushes_total", &[("result", result)])
}
