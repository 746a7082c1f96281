//! The layer of axum-prometheus beside `web::HttpLayer`, under a recorder of this crate, as the
//! guide `migrating` describes it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use axum_prometheus::utils::SECONDS_DURATION_BUCKETS;
use axum_prometheus::{
    AXUM_HTTP_REQUESTS_DURATION_SECONDS, BaseMetricLayer, PrometheusMetricLayer,
};
use mcp_metrics::web::HttpLayer;
use mcp_metrics::{Exporter, ExporterBuilder};
use tower_service::Service as _;

const BODY_SIZE: &str = "axum_http_response_body_size";

fn routes() -> Router {
    Router::new()
        .route("/items/{id}", get(async || "a lamp"))
        .route("/broken", get(async || StatusCode::SERVICE_UNAVAILABLE))
}

/// Sends requests to a router, under a recorder of its own. Returns the scrape afterwards.
fn scrape(app: &Router, configure: fn(ExporterBuilder) -> ExporterBuilder) -> String {
    let builder = configure(Exporter::builder().without_system_metrics());
    let (recorder, exporter) = builder.build().expect("the recorder is built");
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let paths = ["/items/1", "/items/2", "/broken", "/nothing"];
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            for path in paths {
                let request = Request::get(path).body(Body::empty());
                let request = request.expect("a request");
                let response = app.clone().call(request).await.expect("a response");
                to_bytes(response.into_body(), 100).await.expect("a body");
            }
        });
    });
    exporter.render()
}

/// Returns the samples of a metric, in the order of the scrape.
fn samples<'a>(scrape: &'a str, metric: &str) -> Vec<&'a str> {
    let lines = scrape.lines();
    lines
        .filter(|line| line.starts_with(&format!("{metric}{{")))
        .collect()
}

/// Returns the values of the label `le` of one series, in order.
fn bounds(scrape: &str, metric: &str, labels: &str) -> Vec<f64> {
    let buckets = samples(scrape, &format!("{metric}_bucket"));
    let buckets = buckets.into_iter().filter(|line| line.contains(labels));
    let bounds = buckets.map(|line| {
        let (_, rest) = line.split_once("le=\"").expect("a bound");
        let (bound, _) = rest.split_once('"').expect("a label");
        bound.trim_start_matches('+').parse().expect("a number")
    });
    bounds.collect()
}

/// Asserts that the series of both layers are in a scrape.
#[track_caller]
fn assert_both(scrape: &str) {
    let expected = [
        r#"axum_http_requests_total{endpoint="/broken",method="GET",status="503"} 1"#,
        r#"axum_http_requests_total{endpoint="/items/{id}",method="GET",status="200"} 2"#,
        r#"axum_http_requests_total{endpoint="/nothing",method="GET",status="404"} 1"#,
    ];
    assert_eq!(samples(scrape, "axum_http_requests_total"), expected);
    let expected = [
        r#"mcp_hub_requests_total{agent="shop",operation="GET /broken"} 1"#,
        r#"mcp_hub_requests_total{agent="shop",operation="GET /items/{id}"} 2"#,
        r#"mcp_hub_requests_total{agent="shop",operation="unmatched"} 1"#,
    ];
    assert_eq!(samples(scrape, "mcp_hub_requests_total"), expected);
    let expected = [
        r#"mcp_hub_requests_failed_total{agent="shop",operation="GET /broken",error_type="503"} 1"#,
    ];
    assert_eq!(samples(scrape, "mcp_hub_requests_failed_total"), expected);
    let expected = [r#"mcp_hub_active_operations{agent="shop"} 0"#];
    assert_eq!(samples(scrape, "mcp_hub_active_operations"), expected);
    let pending = samples(scrape, "axum_http_requests_pending");
    assert_eq!(pending.len(), 3, "{scrape}");
    assert!(pending.iter().all(|line| line.ends_with(" 0")), "{scrape}");
}

#[test]
fn both_layers_are_exported_side_by_side() {
    let app = routes()
        .layer(HttpLayer::new("shop"))
        .layer(PrometheusMetricLayer::new());
    let scrape = scrape(&app, |builder| builder);
    assert_both(&scrape);
    // The default buckets are those of axum-prometheus.
    let expected: Vec<f64> = SECONDS_DURATION_BUCKETS
        .iter()
        .copied()
        .chain([f64::INFINITY])
        .collect();
    let old = bounds(&scrape, AXUM_HTTP_REQUESTS_DURATION_SECONDS, "/broken");
    assert_eq!(old, expected, "{scrape}");
}

#[test]
fn order_of_the_layers_does_not_matter() {
    let app = routes()
        .layer(BaseMetricLayer::new())
        .layer(HttpLayer::new("shop"));
    assert_both(&scrape(&app, |builder| builder));
}

#[test]
fn buckets_and_body_sizes_are_kept() {
    let app = routes()
        .layer(HttpLayer::new("shop"))
        .layer(BaseMetricLayer::with_response_body_size());
    let scrape = scrape(&app, |builder| {
        builder
            .buckets(SECONDS_DURATION_BUCKETS)
            .buckets_for(AXUM_HTTP_REQUESTS_DURATION_SECONDS, &[0.2, 2.0])
            .buckets_for(BODY_SIZE, &[1.0, 1000.0])
    });
    assert_both(&scrape);
    let infinite = f64::INFINITY;
    let old = bounds(&scrape, AXUM_HTTP_REQUESTS_DURATION_SECONDS, "/broken");
    assert_eq!(old, [0.2, 2.0, infinite]);
    assert_eq!(
        bounds(&scrape, BODY_SIZE, "/items/"),
        [1.0, 1000.0, infinite]
    );
    let sums = samples(&scrape, &format!("{BODY_SIZE}_sum"));
    // Two responses of six bytes.
    assert!(
        sums.iter()
            .any(|line| line.contains("/items/") && line.ends_with(" 12")),
        "{scrape}"
    );
    let expected: Vec<f64> = SECONDS_DURATION_BUCKETS
        .iter()
        .copied()
        .chain([infinite])
        .collect();
    let new = bounds(&scrape, "mcp_hub_request_duration_seconds", "GET /broken");
    assert_eq!(new, expected, "the same bounds for the same quantiles");
}
