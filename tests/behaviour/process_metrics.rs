//! The metrics of the process, and programs that export metrics of the same names.

use mcp_metrics::{Exporter, MetricsRecorder};
use mcp_metrics_tests::Scrape;

const CPU_SECONDS: &str = "process_cpu_seconds_total";

/// Records CPU time in whole seconds, as a program without the exporter's metrics would.
fn record(recorder: &MetricsRecorder, seconds: u64) {
    metrics::with_local_recorder(recorder, || {
        metrics::counter!(CPU_SECONDS).absolute(seconds);
    });
}

fn cpu_seconds(exporter: &Exporter) -> f64 {
    Scrape::parse(&exporter.render()).value(CPU_SECONDS, &[])
}

#[test]
#[cfg(target_os = "linux")]
fn cpu_time_has_fractions_and_a_missing_limit_is_absent() {
    let (recorder, exporter) = Exporter::builder()
        .without_system_metrics()
        .global_label("zone", "north")
        .build()
        .unwrap();
    // A counter of the facade is a whole number, so it cannot replace the exporter's.
    drop(exporter.render());
    record(&recorder, 1_000_000);
    mcp_metrics_tests::eventually("a fraction of a second", || {
        let scrape = Scrape::parse(&exporter.render());
        let seconds = scrape.get(CPU_SECONDS, &[("zone", "north")]);
        let seconds = seconds.expect("the metric has the global label");
        assert_eq!(scrape.kind[CPU_SECONDS], "counter");
        assert!(seconds < 1_000_000.0, "{seconds}");
        seconds.fract() > 0.0
    });
    let scrape = Scrape::parse(&exporter.render());
    for limit in ["process_virtual_memory_max_bytes", "process_max_fds"] {
        assert!(scrape.sum(limit, &[]) > 0.0 || scrape.select(limit, &[]).next().is_none());
    }
}

#[test]
fn metric_of_the_program_is_kept_if_it_is_registered_first() {
    let builder = Exporter::builder().without_system_metrics();
    let (recorder, exporter) = builder.build().unwrap();
    record(&recorder, 7);
    assert_eq!(cpu_seconds(&exporter), 7.0);
    record(&recorder, 8);
    assert_eq!(cpu_seconds(&exporter), 8.0);
}

#[test]
fn program_may_export_process_metrics_of_its_own() {
    let builder = Exporter::builder().without_system_metrics();
    let (recorder, exporter) = builder.without_process_metrics().build().unwrap();
    assert!(!exporter.render().contains("process_"));
    record(&recorder, 7);
    assert_eq!(cpu_seconds(&exporter), 7.0);
}
