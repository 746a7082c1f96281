//! The hub's HTTP routes other than MCP.

use mcp_metrics_tests::{Scrape, http};

use crate::drive::{Hub, METRICS_PATHS};

/// The `Content-Type` of the text format.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

#[test]
fn both_metrics_paths_serve_the_same_families() {
    let hub = Hub::start(&[]);
    let scrapes = METRICS_PATHS.map(|path| {
        let response = http::get(hub.address, path);
        assert_eq!(
            (response.status, response.header("content-type")),
            (200, Some(TEXT_FORMAT))
        );
        assert!(!response.body.contains("_created"));
        let mut scrape = Scrape::parse(&response.body);
        // Other samples change over time or by these scrapes.
        scrape
            .samples
            .retain(|(name, ..)| name.starts_with("mcp_hub_") && name.ends_with("_total"));
        scrape.help.retain(|name, _| name.starts_with("mcp_hub_"));
        scrape.kind.retain(|name, _| name.starts_with("mcp_hub_"));
        scrape
    });
    assert_eq!(scrapes[0], scrapes[1]);
}

#[test]
fn other_methods_and_paths_get_their_status() {
    let hub = Hub::start(&[]);
    for path in METRICS_PATHS {
        let head = http::request(hub.address, "HEAD", path);
        assert_eq!(
            (head.status, head.header("content-type")),
            (200, Some(TEXT_FORMAT))
        );
        assert_eq!(head.body, "");
        for method in ["POST", "PUT", "DELETE"] {
            let rejected = http::request(hub.address, method, path);
            assert_eq!(
                (rejected.status, rejected.header("allow")),
                (405, Some("GET,HEAD"))
            );
        }
    }
    for path in ["/metric", "/metrics/x", "/api"] {
        assert_eq!(http::get(hub.address, path).status, 404, "{path}");
    }
    // What a base URL with a slash produces.
    for path in ["/metrics/", "//metrics", "//health"] {
        assert_eq!(http::get(hub.address, path).status, 200, "{path}");
    }
    let page = http::get(hub.address, "/");
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let health = http::get(hub.address, "/health");
    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
}
