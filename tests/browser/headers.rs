//! Headers and bodies of the page and the summary. These tests need no browser.

use mcp_metrics::{Exporter, MetricsSummary, Secret};
use mcp_metrics_tests::http;

use crate::drive::Site;

#[test]
fn page_headers_allow_only_its_own_resources() {
    let site = Site::new();
    let page = http::get(site.address, "/");
    assert_eq!(page.status, 200);
    for (header, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(page.header(header), Some(value), "{header}");
    }
    let policy = page.header("content-security-policy").expect("a policy");
    let directives: Vec<_> = policy
        .split("; ")
        .map(|directive| match directive.split_once(" 'sha256-") {
            Some((name, hash)) => {
                // 32 bytes in base64, and the closing quote.
                assert_eq!(hash.len(), 45, "{directive}");
                name
            }
            None => directive,
        })
        .collect();
    assert_eq!(
        directives,
        [
            "default-src 'none'",
            "style-src",
            "script-src",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ]
    );
    let head = http::request(site.address, "HEAD", "/");
    assert_eq!(head.header("content-security-policy"), Some(policy));
    assert_eq!(head.body, "");
    assert_eq!(http::request(site.address, "POST", "/").status, 405);
}

#[test]
fn served_summary_equals_the_exporters_summary() {
    let site = Site::new();
    site.requests("agent", "run", 2);
    let answer = http::get(site.address, "/api/metrics_summary");
    assert_eq!(
        (
            answer.status,
            answer.header("content-type"),
            answer.header("cache-control"),
            answer.header("x-content-type-options"),
        ),
        (
            200,
            Some("application/json"),
            Some("no-store"),
            Some("nosniff")
        )
    );
    let mut served: MetricsSummary = serde_json::from_str(&answer.body).unwrap();
    let mut own = site.exporter.summary();
    assert!(own.uptime_seconds > served.uptime_seconds);
    (served.uptime_seconds, own.uptime_seconds) = (0.0, 0.0);
    // Nothing was scraped so far.
    assert_eq!(served.exporter.last_export_seconds, None);
    assert_eq!(served, own);
    assert_eq!(served.requests[0].total, 2);
    assert!(served.functions.iter().any(|f| f.agent == "sleeper"));
    assert!(!answer.body.contains(".rs"), "no source files");
}

#[test]
fn page_and_summary_are_disabled_by_default() {
    let builder = Exporter::builder().listen(([127, 0, 0, 1], 0));
    let (_, exporter) = builder.build().unwrap();
    let address = exporter.local_addr().unwrap();
    for path in ["/", "/api/metrics_summary"] {
        assert_eq!(http::get(address, path).status, 404, "{path}");
    }
    exporter.shutdown();
}

#[test]
fn page_and_summary_require_authentication() {
    let site = Site::with(|builder| builder.bearer_token(Secret::new("secret-token")));
    for path in ["/", "/api/metrics_summary", "/metrics"] {
        let answer = http::get(site.address, path);
        assert_eq!(answer.status, 401, "{path}");
        assert!(!answer.body.contains("a hub"));
    }
}
