//! The scraped program: its exporter, and what it exports in each format.

use mcp_metrics::{Exporter, ExporterBuilder, MetricsSummary, catalog};
use mcp_metrics_tests::{PROVOKED, http};

use crate::wire::{self, Family};
use crate::{facade, hub};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROTOBUF: &str =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

/// Returns a builder without system and process metrics.
///
/// The lowest bound of each histogram of durations is far above the duration of a call on a busy
/// machine, so that the counts of the classic buckets need no mask.
pub(crate) fn builder() -> ExporterBuilder {
    Exporter::builder()
        .app("golden \"hub\"", "1.2.3")
        .without_system_metrics()
        .without_process_metrics()
        .buckets(&[10.0, 60.0, 120.5])
        .buckets_for(catalog::SCRAPE_DURATION, &[600.0])
        .buckets_for("acme_size_bytes", &facade::SIZE_BUCKETS)
        .buckets_for("acme.dotted.seconds", &[1.0, 2.0])
}

/// Scrapes the endpoint in the format with this content type.
fn scrape(exporter: &Exporter, format: &str) -> http::Response {
    let address = exporter.local_addr().expect("the exporter listens");
    let response = http::get_with(address, "/metrics", &[("Accept", format)]);
    assert_eq!(
        (response.status, response.header("content-type")),
        (200, Some(format))
    );
    response
}

/// What the program exports.
pub(crate) struct Exported {
    pub(crate) text: String,
    pub(crate) open_metrics: String,
    pub(crate) families: Vec<Family>,
    pub(crate) summary: MetricsSummary,
}

/// Installs the exporter, runs the program, and scrapes it.
pub(crate) fn run(builder: ExporterBuilder) -> Exported {
    let exporter = builder
        .listen(([127, 0, 0, 1], 0))
        .native_histograms()
        .label_limit(hub::LABEL_LIMIT)
        .global_label("zone", "b\"\\\n}é")
        .global_label("agent", "every agent")
        .global_label("bad-name", "")
        .on_scrape(|| metrics::gauge!("acme_hook_runs").increment(1.0))
        .on_scrape(|| panic!("{PROVOKED}"))
        .install()
        .expect("no other recorder is installed in this process");
    let in_flight = hub::record();
    hub::record_on_threads();
    facade::record();
    hub::record_over_the_limit();

    // The first scrape creates the families of the endpoint, so that every golden file has them.
    scrape(&exporter, TEXT);
    let scrapes = Exported {
        text: scrape(&exporter, TEXT).body,
        open_metrics: scrape(&exporter, OPEN_METRICS).body,
        families: wire::families(&scrape(&exporter, PROTOBUF).bytes),
        summary: exporter.summary(),
    };
    drop(in_flight);
    exporter.shutdown();
    scrapes
}
