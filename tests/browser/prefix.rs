//! The router nested under a path of an application.

use axum::{Router, routing::get};
use mcp_metrics_tests::http;
use tokio::{net::TcpListener, runtime::Runtime};

use crate::drive::{Browser, Look, Site};

#[test]
fn page_works_under_a_prefix() {
    let Some(browser) = Browser::start(Look::Light) else {
        return;
    };
    let site = Site::new();
    site.requests("nested", "run", 3);
    let app = Router::new()
        .route("/", get(|| async { "the application" }))
        .nest("/ops/status", site.exporter.router());
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move { axum::serve(listener, app).await });
    assert_eq!(http::get(address, "/").body, "the application");

    browser.open(&format!("http://{address}/ops/status?from=a-link#requests"));
    browser.wait("the page has numbers", |page| {
        page.number("#total") == Some(3.0)
    });
    browser.click("#raw-show");
    browser.wait("the text is shown", |page| page.is_visible("#raw-text"));
    let series = r#"mcp_hub_requests_total{agent="nested",operation="run"} 3"#;
    assert!(browser.text("#raw-text").contains(series));
    let link = browser.run("return document.querySelector('#raw-link').href", &[]);
    assert_eq!(link, format!("http://{address}/ops/status/metrics"));
    browser.assert_quiet();
}
