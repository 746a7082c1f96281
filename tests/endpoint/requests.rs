//! Requests that HTTP/1.1 requires to be refused.

use std::net::SocketAddr;

use crate::connections::raw;
use crate::serve;
use mcp_metrics_tests::http;

fn status(address: SocketAddr, head: &str) -> String {
    let response = raw(address, &format!("{head}Connection: close\r\n\r\n"));
    response.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn missing_duplicate_and_invalid_host_are_refused() {
    let (exporter, address) = serve(|builder| builder);
    for (lines, reason) in [
        ("", "missing header `Host`"),
        ("Host: a\r\nHost: a\r\n", "found several"),
        ("Host: a\r\nX: y\r\nhost: b\r\n", "found several"),
        ("Host: a b\r\n", "invalid header `Host`"),
        ("Host: user@hub\r\n", "invalid header `Host`"),
        ("Host: hub/metrics\r\n", "invalid header `Host`"),
    ] {
        for path in ["/metrics", "/health", "/nothing"] {
            // The server closes the connection by itself.
            let response = raw(address, &format!("GET {path} HTTP/1.1\r\n{lines}\r\n"));
            assert!(
                response.starts_with("HTTP/1.1 400 "),
                "{lines:?}: {response}"
            );
            assert!(response.contains(reason), "{lines:?}: {response}");
        }
    }
    for lines in [
        "Host: hub\r\n",
        "Host: [::1]:7860\r\n",
        "Host:\r\n",
        "hOST: HUB:80\r\n",
    ] {
        let status = status(address, &format!("GET /metrics HTTP/1.1\r\n{lines}"));
        assert_eq!(status, "HTTP/1.1 200 OK", "{lines:?}");
    }
    // HTTP/1.0 has no such rule, and absolute targets are valid.
    let http_1_0 = status(address, "GET /metrics HTTP/1.0\r\n");
    assert_eq!(http_1_0, "HTTP/1.0 200 OK");
    let absolute = "GET http://hub/metrics HTTP/1.1\r\nHost: hub\r\n";
    assert_eq!(status(address, absolute), "HTTP/1.1 200 OK");
    exporter.shutdown();
}

#[test]
fn refused_requests_are_not_counted_as_scrapes() {
    let (exporter, address) = serve(|builder| builder);
    raw(address, "GET /metrics HTTP/1.1\r\n\r\n");
    assert!(!exporter.render().contains("mcp_metrics_scrapes_total{"));
    assert_eq!(http::get(address, "/metrics").status, 200);
    assert!(exporter.render().contains("mcp_metrics_scrapes_total{"));
    exporter.shutdown();
}

#[test]
fn request_body_that_is_never_sent_does_not_hold_the_connection() {
    let (exporter, address) = serve(|builder| builder.max_connections(1));
    let head = "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
    let response = raw(address, head);
    assert!(response.starts_with("HTTP/1.1 405 "), "{response}");
    assert_eq!(http::get(address, "/metrics").status, 200);
    exporter.shutdown();
}
