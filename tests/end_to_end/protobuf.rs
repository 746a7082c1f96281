//! Protobuf with native histograms, scraped by a real Prometheus.

use mcp_metrics::Exporter;
use mcp_metrics_tests::{eventually, http};

use crate::drive::Prometheus;

const FLAGS: [&str; 1] = ["--enable-feature=native-histograms"];

#[test]
fn prometheus_ingests_native_histograms() {
    let builder = Exporter::builder()
        .listen(([127, 0, 0, 1], 0))
        .native_histograms();
    let (recorder, exporter) = builder.build().expect("a valid configuration");
    let address = exporter.local_addr().expect("a listening exporter");
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_histogram!("sizes", "Sizes \"in\"\nbytes.");
        let sizes = metrics::histogram!("sizes", "kind" => "a \"b\" \\ c\n\u{1f980}");
        // 1 to 1,000, with known quantiles, which are beyond the classic buckets.
        (1..=1_000_u32).for_each(|size| sizes.record(f64::from(size)));
        metrics::histogram!("silent").record_many(0.0, 0);
        metrics::histogram!("zeros").record(0.0);
        metrics::counter!("counted", "x" => "y").increment(7);
        metrics::gauge!("measured").set(-1.5);
    });
    let Some(prometheus) = Prometheus::scraping(address, "", &FLAGS) else {
        return;
    };
    eventually("Prometheus has scraped", || {
        prometheus.value("histogram_count(sizes)") == Some(1_000.0)
    });
    assert_eq!(prometheus.value("histogram_sum(sizes)"), Some(500_500.0));
    for (quantile, expected) in [("0.1", 100.0), ("0.5", 500.0), ("0.95", 950.0)] {
        let query = format!("histogram_quantile({quantile}, sizes)");
        let found = prometheus.value(&query).expect("a quantile");
        assert!((found / expected - 1.0).abs() < 0.09, "{query}: {found}");
    }
    let kinds = prometheus.query("kind", "histogram_count(sizes)");
    let kinds: Vec<_> = kinds.into_keys().collect();
    assert_eq!(kinds, ["a \"b\" \\ c\n\u{1f980}"]);
    assert_eq!(prometheus.value("histogram_count(zeros)"), Some(1.0));
    assert_eq!(prometheus.value("histogram_count(silent)"), Some(0.0));
    assert_eq!(prometheus.value("counted{x='y'}"), Some(7.0));
    assert_eq!(prometheus.value("measured"), Some(-1.5));
    assert_eq!(prometheus.value("up"), Some(1.0));
    assert_eq!(prometheus.warnings(), Vec::<String>::new());

    // Clients that do not accept protobuf get classic buckets.
    let text = http::get(address, "/metrics").body;
    assert!(text.contains("sizes_bucket{"), "{text}");
    exporter.shutdown();
}

#[test]
fn prometheus_ingests_classic_buckets_without_native_histograms() {
    let builder = Exporter::builder().listen(([127, 0, 0, 1], 0));
    let (recorder, exporter) = builder.build().expect("a valid configuration");
    let address = exporter.local_addr().expect("a listening exporter");
    metrics::with_local_recorder(&recorder, || {
        mcp_metrics::track_request("proto", "run").run(|| ());
    });
    let Some(prometheus) = Prometheus::scraping(address, "", &FLAGS) else {
        return;
    };
    let query = "mcp_hub_request_duration_seconds_bucket{agent='proto', le='+Inf'}";
    eventually("Prometheus has scraped", || {
        prometheus.value(query) == Some(1.0)
    });
    let buckets = prometheus.query(
        "le",
        "mcp_hub_request_duration_seconds_bucket{agent='proto'}",
    );
    assert_eq!(buckets.len(), 10, "{buckets:?}");
    exporter.shutdown();
}
