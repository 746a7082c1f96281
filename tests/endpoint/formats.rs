//! Content negotiation: exposition formats and compression.

use std::io::Read as _;

use crate::address;
use mcp_metrics::track_request;
use mcp_metrics_tests::{Scrape, exporter, http};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[test]
fn format_is_selected_by_accept() {
    // The first three are those of Prometheus 2.42, Prometheus 3 and Chromium.
    for (accept, expected) in [
        (
            "application/openmetrics-text;version=1.0.0,\
             application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            OPEN_METRICS,
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,\
             text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,\
             */*;q=0.2",
            OPEN_METRICS,
        ),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
            TEXT,
        ),
        ("*/*", TEXT),
        ("", TEXT),
        ("text/plain", TEXT),
        ("text/*;q=0.1", TEXT),
        ("application/openmetrics-text", OPEN_METRICS),
        ("APPLICATION/OpenMetrics-Text; Version=1.0.0", OPEN_METRICS),
        ("application/openmetrics-text; version=2.0.0", TEXT),
        ("application/openmetrics-text;q=0, text/plain;q=0.1", TEXT),
        ("application/openmetrics-text;q=0.1, text/plain;q=0.2", TEXT),
        ("application/openmetrics-text;q=?, text/plain;q=0.2", TEXT),
        ("application/json", TEXT),
        ("/;=,,\"", TEXT),
    ] {
        let response = http::get_with(address(), "/metrics", &[("Accept", accept)]);
        assert_eq!(
            (response.status, response.header("content-type")),
            (200, Some(expected)),
            "{accept}"
        );
        assert!(response.header("vary").unwrap().contains("accept"));
    }
    // A list may be split over several header lines.
    let lines = [
        ("Accept", "text/plain;q=0.5"),
        ("Accept", "application/openmetrics-text"),
    ];
    let response = http::get_with(address(), "/metrics", &lines);
    assert_eq!(response.header("content-type"), Some(OPEN_METRICS));
}

#[test]
fn text_format_and_openmetrics_agree() {
    exporter();
    track_request("formats", "he said \"no\"\n\\").run(|| ());
    metrics::counter!("formats_without_suffix").increment(3);
    let accept = |accept| http::get_with(address(), "/metrics", &[("Accept", accept)]).body;
    let (text, open) = (accept("text/plain"), accept("application/openmetrics-text"));
    assert!(open.ends_with("\n# EOF\n"));
    assert!(text.contains("# TYPE mcp_hub_requests_total counter\n"));
    assert!(open.contains("# TYPE mcp_hub_requests counter\n"));
    assert!(open.contains("# UNIT mcp_hub_request_duration_seconds seconds\n"));
    assert!(open.contains("\nformats_without_suffix_total 3\n"));
    let (text, open) = (Scrape::parse(&text), Scrape::parse(&open));
    let buckets = |scrape: &Scrape| {
        let all = scrape.select(
            "mcp_hub_request_duration_seconds_bucket",
            &[("agent", "formats")],
        );
        all.map(|(_, labels, count)| (labels.clone(), *count))
            .collect::<Vec<_>>()
    };
    assert_eq!(buckets(&text), buckets(&open));
    assert_eq!(buckets(&text).len(), 10);
    for scrape in [text, open] {
        scrape
            .requests("formats", "he said \"no\"\n\\")
            .assert(1, &[]);
    }
}

#[test]
fn compression_is_selected_by_accept_encoding() {
    exporter();
    let get =
        |encodings: &str| http::get_with(address(), "/metrics", &[("Accept-Encoding", encodings)]);
    let plain = get("identity");
    assert_eq!(plain.header("content-encoding"), None);
    let length = plain.bytes.len();
    assert_eq!(plain.header("content-length"), Some(&*length.to_string()));

    let unpack = |encodings: &str| {
        let response = get(encodings);
        let encoding = response.header("content-encoding").unwrap().to_owned();
        assert!(response.bytes.len() * 2 < length, "{encoding}");
        let varies = response.headers.to_ascii_lowercase();
        assert!(varies.contains("vary: accept-encoding"), "{varies}");
        let mut text = String::new();
        match &*encoding {
            "gzip" => flate2::read::GzDecoder::new(&*response.bytes)
                .read_to_string(&mut text)
                .unwrap(),
            _ => zstd::Decoder::new(&*response.bytes)
                .unwrap()
                .read_to_string(&mut text)
                .unwrap(),
        };
        assert!(text.contains("mcp_hub_app_info"));
        encoding
    };
    assert_eq!(unpack("gzip"), "gzip");
    assert_eq!(unpack("gzip, deflate, br"), "gzip");
    assert_eq!(unpack("zstd"), "zstd");
    assert_eq!(unpack("gzip;q=0.5, zstd"), "zstd");
}
