//! The options that change labels, and that exclude requests.

use axum::Router;
use axum::extract::MatchedPath;
use axum::http::request::Parts;
use axum::routing::get;
use mcp_metrics::web::HttpLayer;

use super::server::{assert_requests, assert_statuses, recorded};

/// Sends requests to a router with this layer, and asserts what is recorded.
fn assert(layer: HttpLayer, expected: &[&str]) {
    recorded(async |metrics| {
        let app = Router::new()
            .route("/items", get(async || "all").post(async || "new"))
            .route("/items/{id}", get(async || "a lamp"))
            .route("/health", get(async || "healthy"))
            .layer(layer);
        let requests = [
            ("GET /items", 200),
            ("POST /items", 200),
            ("GET /items/1", 200),
            ("GET /items/2", 200),
            ("GET /health", 200),
            ("GET /nothing", 404),
        ];
        assert_statuses(&app, &requests).await;
        assert_requests(metrics, expected);
    });
}

#[test]
fn operation_of_a_route_applies_to_its_methods() {
    let layer = HttpLayer::new("shop")
        .operation("/items", "items")
        .operation("POST /items", "add")
        .operation("GET  /health", String::from("health"));
    let expected = [
        "shop GET /items/{id} 2",
        "shop add 1",
        "shop health 1",
        "shop items 1",
        "shop unmatched 1",
    ];
    assert(layer, &expected);
}

#[test]
fn last_rule_of_a_route_applies() {
    let layer = HttpLayer::new("shop")
        .exclude("/items")
        .operation("GET /items", "list")
        .operation("/health", "health")
        .exclude("/health");
    let expected = ["shop GET /items/{id} 2", "shop list 1", "shop unmatched 1"];
    assert(layer, &expected);
}

#[test]
fn excluded_routes_and_methods_are_not_recorded() {
    let layer = HttpLayer::new("shop")
        .exclude("/health")
        .exclude("GET /items/{id}")
        .exclude("POST /items")
        .exclude("/not/a/route");
    assert(layer, &["shop GET /items 1", "shop unmatched 1"]);
}

#[test]
fn excluded_requests_are_not_recorded() {
    let layer = HttpLayer::new("shop").exclude_if(|request: &Parts| {
        request.uri.path().ends_with("/2") || request.extensions.get::<MatchedPath>().is_none()
    });
    let expected = [
        "shop GET /health 1",
        "shop GET /items 1",
        "shop GET /items/{id} 1",
        "shop POST /items 1",
    ];
    assert(layer, &expected);
}

#[test]
fn functions_return_the_labels_of_requests() {
    let layer = HttpLayer::new("shop")
        .agent_with(|request: &Parts| match request.uri.path() {
            "/health" => "operations",
            _ => "shop",
        })
        .operation_with(|request: &Parts| format!("{} any", request.method))
        .operation("/items/{id}", "item")
        .unmatched("replaced by the function");
    let expected = [
        "operations GET any 1",
        "shop GET any 2",
        "shop POST any 1",
        "shop item 2",
    ];
    assert(layer, &expected);
}

#[test]
fn clone_of_a_used_layer_has_its_own_rules() {
    recorded(async |metrics| {
        let first = HttpLayer::new("shop");
        let app = |layer| Router::new().route("/", get(async || "text")).layer(layer);
        assert_statuses(&app(first.clone()), &[("GET /", 200)]).await;
        let second = first.clone().operation("/", "start");
        assert_statuses(&app(second), &[("GET /", 200)]).await;
        assert_statuses(&app(first), &[("GET /", 200)]).await;
        assert_requests(metrics, &["shop GET / 2", "shop start 1"]);
    });
}
