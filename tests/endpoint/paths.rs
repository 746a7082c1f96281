//! Paths of the metrics: extra slashes, custom paths, and routers of applications.

use std::net::SocketAddr;

use crate::serve;
use axum::Router;
use axum::routing::get;
use mcp_metrics::{Exporter, ExporterBuilder, InstallError};
use mcp_metrics_tests::{Scrape, http};

const DOCUMENTED: &str = "/api/get_prometheus_metrics_service";

fn exporter(configure: impl FnOnce(ExporterBuilder) -> ExporterBuilder) -> Exporter {
    configure(Exporter::builder()).build().unwrap().1
}

/// Serves an application's router on a thread of its own until the test ends.
fn application(app: Router) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, app).await
        })
    });
    address
}

fn assert_metrics(address: SocketAddr, path: &str) {
    let response = http::get(address, path);
    assert_eq!(response.status, 200, "{path}");
    assert!(response.body.contains("mcp_hub_app_info{"), "{path}");
    let head = http::request(address, "HEAD", path);
    assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
    let refused = http::request(address, "POST", path);
    let allowed = (405, Some("GET,HEAD"));
    assert_eq!((refused.status, refused.header("allow")), allowed, "{path}");
}

/// Checks all spellings of the paths of the metrics below `prefix`.
fn assert_spellings(address: SocketAddr, prefix: &str, path: &str) {
    for spelling in [
        path,
        &format!("{path}/"),
        &format!("/{path}"),
        &format!("/{path}/"),
    ] {
        assert_metrics(address, &format!("{prefix}{spelling}"));
        assert_metrics(address, &format!("{prefix}{spelling}?x=1"));
    }
}

#[test]
fn listener_ignores_repeated_and_trailing_slashes() {
    let (exporter, address) = serve(ExporterBuilder::status_page);
    for path in ["/metrics", DOCUMENTED] {
        assert_spellings(address, "", path);
    }
    assert_metrics(address, "///metrics//");
    assert_metrics(address, "/api//get_prometheus_metrics_service");
    for path in ["/health/", "//health", "//"] {
        assert_eq!(http::get(address, path).status, 200, "{path}");
    }
    assert_eq!(http::get(address, "/metrics/x").status, 404);
    exporter.shutdown();
}

#[test]
fn routers_accept_additional_slashes() {
    let exporter = exporter(|builder| builder.status_page().metrics_path("/hub/metrics"));
    let home = || get(async || "the application");
    for (app, prefix) in [
        (Router::new().merge(exporter.router()), ""),
        (
            Router::new()
                .route("/", home())
                .nest("/status", exporter.router()),
            "/status",
        ),
        (
            Router::new()
                .route("/", home())
                .nest("/a/b", exporter.metrics_router()),
            "/a/b",
        ),
    ] {
        let address = application(app);
        for path in ["/metrics", DOCUMENTED, "/hub/metrics"] {
            assert_spellings(address, prefix, path);
        }
        assert_eq!(http::get(address, &format!("{prefix}/nothing")).status, 404);
    }
}

#[test]
fn router_can_be_nested_under_a_prefix_with_a_trailing_slash() {
    let exporter = exporter(|builder| builder);
    let address = application(Router::new().nest("/status/", exporter.router()));
    for path in ["/status/metrics", "/status/metrics/"] {
        let response = http::get(address, path);
        assert_eq!(response.status, 200, "{path}");
    }
    assert_eq!(http::get(address, "/status/health").status, 200);
}

#[test]
fn metrics_router_merges_with_an_application_that_has_a_health_route() {
    let exporter = exporter(ExporterBuilder::status_page);
    let app = Router::new()
        .route("/", get(async || "the application"))
        .route("/health", get(async || "healthy"))
        .merge(exporter.metrics_router());
    let address = application(app);
    assert_eq!(http::get(address, "/").body, "the application");
    assert_eq!(http::get(address, "/health").body, "healthy");
    assert_metrics(address, "/metrics");
    assert_eq!(http::get(address, "/api/metrics_summary").status, 404);
}

#[test]
fn metrics_handler_serves_any_path_of_an_application_with_state() {
    let exporter = exporter(|builder| builder);
    let app = Router::new()
        .route("/metrics", get(async || "the application's own metrics"))
        .route("/health", get(async || "healthy"))
        .route("/hubs/{hub}/metrics", exporter.metrics_handler::<String>())
        .with_state("state".to_owned());
    let address = application(app);
    assert_metrics(address, "/hubs/7/metrics");
    assert!(http::get(address, "/metrics").body.contains("own metrics"));
    // The scrapes of all handlers and routers are counted.
    let scrape = Scrape::parse(&exporter.render());
    let refused = [("code", "405")];
    assert_eq!(scrape.value("mcp_metrics_scrapes_total", &refused), 1.0);
}

#[test]
fn handler_and_metrics_router_enforce_access_rules() {
    let exporter = exporter(|builder| builder.bearer_token(mcp_metrics::Secret::new("token")));
    let app = Router::new()
        .route("/internal", exporter.metrics_handler())
        .merge(exporter.metrics_router());
    let address = application(app);
    let authorized = [("Authorization", "Bearer token")];
    for path in [
        "/internal",
        "/metrics",
        "/metrics/",
        "//metrics",
        "//metrics/",
    ] {
        assert_eq!(http::get(address, path).status, 401, "{path}");
        let response = http::get_with(address, path, &authorized);
        assert_eq!(response.status, 200, "{path}");
    }
}

#[test]
fn metrics_path_adds_a_path() {
    let (exporter, address) = serve(|builder| {
        let builder = builder.metrics_path("/internal/hub-1/prom_metrics.txt");
        builder
            .metrics_path("/metrics")
            .metrics_path("/other")
            .metrics_path("/other")
    });
    for path in [
        "/internal/hub-1/prom_metrics.txt",
        "/other",
        "/metrics",
        DOCUMENTED,
    ] {
        assert_spellings(address, "", path);
    }
    exporter.shutdown();
}

#[test]
fn invalid_metrics_path_is_an_install_error() {
    for path in [
        "",
        "/",
        "metrics",
        "/a/",
        "/a//b",
        "/{name}",
        "/*rest",
        "/:name",
        "/a b",
        "/a?b",
        "/a/../b",
        "/%41",
        "/health",
        "/api/metrics_summary",
    ] {
        let error = Exporter::builder().metrics_path(path).build().unwrap_err();
        let InstallError::MetricsPath(invalid) = &error else {
            panic!("{path}: {error}");
        };
        assert_eq!(invalid, path);
        assert!(error.to_string().contains(&format!("`{path}`")), "{error}");
    }
}
