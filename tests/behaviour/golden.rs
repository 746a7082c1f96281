//! Full scrapes of one program in every format, compared with the files in `golden/`.
//!
//! `MCP_METRICS_TESTS_BLESS=1` rewrites the files. `golden/mask.rs` lists what is masked because it
//! depends on time; everything else is compared verbatim.

use mcp_metrics::{Exporter, ExporterBuilder, catalog};
use mcp_metrics_tests::{PROVOKED, http, quiet_panics};

#[path = "golden/compare.rs"]
mod compare;
#[path = "golden/dump.rs"]
mod dump;
#[path = "golden/facade.rs"]
mod facade;
#[path = "golden/hub.rs"]
mod hub;
#[path = "golden/mask.rs"]
mod mask;
#[path = "golden/wire.rs"]
mod wire;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROTOBUF: &str =
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

/// Returns a builder without system and process metrics.
///
/// The lowest bound of each histogram of durations is far above the duration of a call on a busy
/// machine, so that the counts of the classic buckets need no mask.
fn builder() -> ExporterBuilder {
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

#[test]
fn scrape_in_every_format_matches_the_golden_files() {
    quiet_panics();
    let exporter = builder()
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
    let text = scrape(&exporter, TEXT).body;
    let open_metrics = scrape(&exporter, OPEN_METRICS).body;
    let mut families = wire::families(&scrape(&exporter, PROTOBUF).bytes);
    let mut summary = exporter.summary();
    drop(in_flight);
    exporter.shutdown();

    mask::families(&mut families);
    mask::summary(&mut summary);
    let summary = serde_json::to_string_pretty(&summary).expect("a summary is JSON");
    compare::with_golden_files(&[
        ("scrape.txt", mask::text(&text)),
        ("scrape.openmetrics.txt", mask::text(&open_metrics)),
        ("scrape.protobuf.txt", dump::text(&families)),
        ("summary.json", summary + "\n"),
    ]);
}

/// The recorder is not the global one, so requests are recorded through the facade.
#[test]
fn render_of_a_local_recorder_matches_the_golden_file() {
    quiet_panics();
    let (recorder, exporter) = builder().build().expect("the configuration is valid");
    let text = metrics::with_local_recorder(&recorder, || {
        let _in_flight = hub::record();
        facade::record();
        exporter.render()
    });
    compare::with_golden_files(&[("local.txt", mask::text(&text))]);
}
