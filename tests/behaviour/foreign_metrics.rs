//! Metrics of other crates with names, labels and values that need sanitising, rendered in process
//! and scraped over HTTP.

#[path = "foreign_metrics/histograms.rs"]
mod histograms;
#[path = "foreign_metrics/hub.rs"]
mod hub;

use mcp_metrics::catalog::Kind;
use mcp_metrics::{Exporter, ExporterBuilder, MetricsRecorder};
use mcp_metrics_tests::claims::{KINDS, sanitize};
use mcp_metrics_tests::{Scrape, http, log};
use metrics::{Key, Label, Level, Metadata, Recorder as _, with_local_recorder};

const TEXT: &str = "text/plain";
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0";
const PROTOBUF: &str = "application/vnd.google.protobuf; \
                        proto=io.prometheus.client.MetricFamily; encoding=delimited";

fn quiet() -> ExporterBuilder {
    log::capture();
    Exporter::builder()
        .without_system_metrics()
        .without_process_metrics()
        .listen(([127, 0, 0, 1], 0))
}

/// Returns a new exporter after `body` has recorded to it.
fn recorded(builder: ExporterBuilder, body: impl FnOnce()) -> Exporter {
    let (recorder, exporter) = builder.build().expect("the configuration is valid");
    with_local_recorder(&recorder, body);
    exporter
}

fn get(exporter: &Exporter, format: &str) -> http::Response {
    let address = exporter.local_addr().expect("the exporter listens");
    let response = http::get_with(address, "/metrics", &[("Accept", format)]);
    assert_eq!(response.status, 200);
    response
}

fn scrape(exporter: &Exporter, format: &str) -> Scrape {
    Scrape::parse(&get(exporter, format).body)
}

/// Returns the number of warnings that name one of these families.
fn warnings(families: &[&str]) -> usize {
    let is_of = |line: &&String, family: &&str| {
        [format!("\"{family}\""), format!("={family} ")]
            .iter()
            .any(|named| format!("{line} ").contains(named))
    };
    let lines = log::lines("WARN");
    let of_these = |line: &&String| families.iter().any(|family| is_of(line, family));
    lines.iter().filter(of_these).count()
}

fn register(recorder: &MetricsRecorder, kind: Kind, key: &Key, value: f64) {
    let metadata = Metadata::new("foreign", Level::INFO, None);
    match kind {
        Kind::Counter => recorder.register_counter(key, &metadata).increment(1),
        Kind::Histogram => recorder.register_histogram(key, &metadata).record(value),
        _ => recorder.register_gauge(key, &metadata).set(value),
    }
}

#[test]
fn labels_le_and_quantile_of_counters_and_gauges_are_kept() {
    let exporter = recorded(quiet(), || {
        for name in ["le", "quantile"] {
            for value in ["0.1", "+Inf", "low"] {
                metrics::counter!("wait_seconds_bucket", name => value).increment(3);
                metrics::gauge!("pool_level", name => value).set(2.0);
            }
        }
        metrics::histogram!("latency", "le" => "mine").record(0.1);
    });
    let (text, open) = (scrape(&exporter, TEXT), scrape(&exporter, OPENMETRICS));
    let protobuf = get(&exporter, PROTOBUF);
    assert!(
        protobuf
            .header("content-type")
            .is_some_and(|it| it.contains("protobuf"))
    );
    for name in ["le", "quantile"] {
        for value in ["0.1", "+Inf", "low"] {
            let labels = [(name, value)];
            assert_eq!(text.value("wait_seconds_bucket", &labels), 3.0);
            assert_eq!(open.value("wait_seconds_bucket_total", &labels), 3.0);
            assert_eq!(text.value("pool_level", &labels), 2.0);
            assert_eq!(open.value("pool_level", &labels), 2.0);
            assert_eq!(
                label_pairs(&protobuf.bytes, name, value),
                2,
                "{name}={value}"
            );
        }
    }
    assert_eq!(label_pairs(&protobuf.bytes, "exported_le", "mine"), 1);
}

/// Returns the number of `LabelPair` messages with this name and value.
fn label_pairs(protobuf: &[u8], name: &str, value: &str) -> usize {
    let mut pair = Vec::new();
    for (tag, text) in [(0x0a, name), (0x12, value)] {
        pair.extend([tag, u8::try_from(text.len()).expect("a short text")]);
        pair.extend(text.as_bytes());
    }
    protobuf
        .windows(pair.len())
        .filter(|it| *it == pair)
        .count()
}

#[test]
fn description_of_a_raw_name_is_the_help_of_the_sanitised_one() {
    let names = [
        ("http.server", "http.server"),
        ("http-server", "http_server"),
        ("http_server", "http.server"),
    ];
    for kind in KINDS {
        for (described, name) in names {
            for first in [true, false] {
                let describe = || match kind {
                    Kind::Counter => metrics::describe_counter!(described, "Text."),
                    Kind::Histogram => metrics::describe_histogram!(described, "Text."),
                    _ => metrics::describe_gauge!(described, "Text."),
                };
                let (recorder, exporter) = quiet().build().expect("the configuration is valid");
                with_local_recorder(&recorder, || {
                    first.then(describe);
                    register(&recorder, kind, &Key::from_name(name), 1.0);
                    (!first).then(describe);
                });
                for format in [TEXT, OPENMETRICS] {
                    let help = scrape(&exporter, format).help.get("http_server").cloned();
                    assert_eq!(
                        help.as_deref(),
                        Some("Text."),
                        "{kind:?} {described} {name} {format}"
                    );
                }
            }
        }
    }
}

#[test]
fn gauges_with_equal_sanitised_names_share_a_series_and_are_logged_once() {
    for (first, second) in [
        ("a.depth", "a_depth"),
        ("b-depth", "b.depth"),
        ("gr\u{f6}\u{df}e", "gr--e"),
    ] {
        let name = sanitize(first);
        let exporter = recorded(quiet(), || {
            for _ in 0..2 {
                metrics::gauge!(first).set(1.0);
            }
            assert_eq!(warnings(&[&name, first, second]), 0, "{first}");
            for _ in 0..2 {
                metrics::gauge!(second).set(2.0);
                metrics::gauge!(first).increment(3.0);
            }
        });
        let scrape = scrape(&exporter, TEXT);
        assert_eq!(scrape.value(&name, &[]), 5.0);
        assert_eq!(scrape.select(&name, &[]).count(), 1);
        assert_eq!(warnings(&[&name, first, second]), 1, "{first}");
    }
}

#[test]
fn empty_label_value_is_the_same_as_no_label() {
    for kind in KINDS {
        let builder = quiet()
            .global_label("zone", "")
            .global_label("region", "eu")
            .label_limit(2);
        let (recorder, exporter) = builder.build().expect("the configuration is valid");
        let sets: [&[(&str, &str)]; 7] = [
            &[],
            &[("tenant", "")],
            &[("tenant", ""), ("other", "")],
            &[("zone", "")],
            // Not the series' own label, hence the global one.
            &[("region", "")],
            &[("tenant", "a")],
            &[("tenant", "a"), ("other", "")],
        ];
        for labels in sets {
            let labels = labels
                .iter()
                .copied()
                .map(|(name, value)| Label::new(name, value));
            register(
                &recorder,
                kind,
                &Key::from_parts("hits_total", labels.collect::<Vec<_>>()),
                1.0,
            );
        }
        let (suffix, counts) = match kind {
            Kind::Histogram => ("_count", [5.0, 2.0]),
            Kind::Counter => ("", [5.0, 2.0]),
            _ => ("", [1.0, 1.0]),
        };
        let name = format!("hits_total{suffix}");
        let text = get(&exporter, TEXT).body;
        for label in ["zone=", "other=", "=\"\""] {
            assert!(!text.contains(label), "{kind:?}: {text}");
        }
        for scrape in [Scrape::parse(&text), scrape(&exporter, OPENMETRICS)] {
            let region = ("region", "eu");
            let found =
                [&[region][..], &[region, ("tenant", "a")]].map(|it| scrape.value(&name, it));
            assert_eq!(found, counts, "{kind:?}");
            assert_eq!(scrape.select(&name, &[]).count(), 2, "{kind:?}");
        }
        let protobuf = get(&exporter, PROTOBUF).bytes;
        for label in ["zone", "tenant", "other"] {
            assert_eq!(label_pairs(&protobuf, label, ""), 0, "{kind:?} {label}");
        }
    }
}
