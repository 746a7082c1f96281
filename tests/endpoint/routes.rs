//! Routes of the exporter's listener, and of the router on an application's own server.

use std::io::Write as _;
use std::net::TcpStream;

use crate::address;
use mcp_metrics::{Exporter, track_request};
use mcp_metrics_tests::{Scrape, eventually, exporter, http};

const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

#[test]
fn both_paths_serve_the_metrics() {
    track_request("endpoint", "before").run(|| ());
    exporter();
    track_request("endpoint", "scraped").run(|| ());
    for path in [
        "/metrics",
        "/api/get_prometheus_metrics_service",
        "/metrics?x=1",
    ] {
        let response = http::get(address(), path);
        assert_eq!(
            (response.status, response.header("content-type")),
            (200, Some(TEXT_FORMAT))
        );
        Scrape::parse(&response.body)
            .requests("endpoint", "scraped")
            .assert(1, &[]);
    }
}

#[test]
fn head_returns_the_headers_and_no_body() {
    let response = http::request(address(), "HEAD", "/metrics");
    assert_eq!(
        (response.status, response.header("content-type")),
        (200, Some(TEXT_FORMAT))
    );
    assert_eq!(response.body, "");
}

#[test]
fn health_is_ok_and_unknown_paths_and_methods_are_refused() {
    let health = http::get(address(), "/health");
    assert_eq!((health.status, health.body.as_str()), (200, "ok\n"));
    let missing = http::get(address(), "/nothing");
    assert_eq!(missing.status, 404);
    assert!(missing.body.contains("/metrics"));
    for method in ["POST", "DELETE"] {
        let refused = http::request(address(), method, "/metrics");
        assert_eq!(
            (refused.status, refused.header("allow")),
            (405, Some("GET,HEAD"))
        );
    }
}

#[test]
fn disconnecting_clients_do_not_affect_others() {
    for request in [
        "",
        "GET /metr",
        "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
        "\0\u{1}\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
    }
    let _silent = TcpStream::connect(address()).unwrap();
    assert_eq!(http::get(address(), "/metrics").status, 200);
}

#[test]
fn shutdown_frees_the_port_and_keeps_the_metrics() {
    let (_, exporter) = Exporter::builder()
        .listen(([127, 0, 0, 1], 0))
        .build()
        .unwrap();
    let address = exporter.local_addr().unwrap();
    assert_eq!(http::get(address, "/health").status, 200);
    let other_handle = exporter.clone();
    drop(exporter);
    assert_eq!(http::get(address, "/health").status, 200);

    other_handle.shutdown();
    other_handle.shutdown();
    assert_eq!(other_handle.local_addr(), None);
    assert!(TcpStream::connect(address).is_err());
    assert!(other_handle.render().contains("mcp_hub_app_info"));
    let (_, next) = Exporter::builder().listen(address).build().unwrap();
    assert_eq!(http::get(address, "/health").status, 200);
    next.shutdown();
}

#[test]
fn dropped_exporter_keeps_listening() {
    let (recorder, exporter) = Exporter::builder()
        .listen(([127, 0, 0, 1], 0))
        .build()
        .unwrap();
    let address = exporter.local_addr().unwrap();
    drop((recorder, exporter));
    assert_eq!(http::get(address, "/metrics").status, 200);
}

#[tokio::test]
async fn router_serves_on_the_application_server() {
    let (recorder, exporter) = Exporter::builder().build().unwrap();
    let app = axum::Router::new()
        .route("/", axum::routing::get(|| async { "the application" }))
        .merge(exporter.router());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let get = |path| tokio::task::spawn_blocking(move || http::get(address, path));
    metrics::with_local_recorder(&recorder, || track_request("router", "run").run(|| ()));

    assert_eq!(get("/").await.unwrap().body, "the application");
    let scrape = Scrape::parse(&get("/metrics").await.unwrap().body);
    scrape.requests("router", "run").assert(1, &[]);
    assert_eq!(get("/nothing").await.unwrap().status, 404);
    server.abort();
}

#[test]
fn scrape_succeeds_while_the_application_runtime_is_blocked() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        // Blocks the only thread of this runtime.
        assert_eq!(http::get(address(), "/metrics").status, 200);
    });
}

#[test]
fn sampler_runs_between_scrapes() {
    let sampled = || {
        let scrape = Scrape::parse(&exporter().render());
        scrape.value("mcp_hub_memory_available_bytes", &[])
    };
    let first = sampled();
    eventually("another sample is taken", || sampled() != first);
}
