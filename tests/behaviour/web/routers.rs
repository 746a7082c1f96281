//! Routers: the layer around routes, nested and merged routers, fallbacks and services.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use mcp_metrics::Exporter;
use mcp_metrics::web::HttpLayer;
use tower_layer::Layer as _;

use super::server::{assert_requests, assert_statuses, recorded};

fn items() -> Router {
    Router::new()
        .route(
            "/items",
            get(async || "all").post(async || StatusCode::CREATED),
        )
        .route("/items/{id}", get(async || "a lamp"))
}

#[test]
fn layer_records_each_route_by_method_and_path() {
    recorded(async |metrics| {
        let app = items().layer(HttpLayer::new("shop"));
        let requests = [
            ("GET /items", 200),
            ("POST /items", 201),
            ("GET /items/1", 200),
            ("GET /items/2?sort=up", 200),
            ("HEAD /items/3", 200),
        ];
        assert_statuses(&app, &requests).await;
        let expected = [
            "shop GET /items 1",
            "shop GET /items/{id} 2",
            "shop HEAD /items/{id} 1",
            "shop POST /items 1",
        ];
        assert_requests(metrics, &expected);
    });
}

#[test]
fn unmatched_requests_have_one_operation() {
    recorded(async |metrics| {
        let app = items().layer(HttpLayer::new("shop"));
        let requests = [
            ("GET /", 404),
            ("GET /wp-login.php", 404),
            ("POST /items/1/2/3", 404),
            ("BREW /pot", 404),
        ];
        assert_statuses(&app, &requests).await;
        assert_requests(metrics, &["shop unmatched 4"]);
        metrics.requests("shop", "unmatched").assert(4, &[]);
    });
}

#[test]
fn methods_are_bounded() {
    recorded(async |metrics| {
        let app = items().layer(HttpLayer::new("shop"));
        let requests = [
            ("BREW /items/1", 405),
            ("get /items/1", 405),
            ("PROPFIND /items/1", 405),
            ("DELETE /items/1", 405),
        ];
        assert_statuses(&app, &requests).await;
        let expected = ["shop DELETE /items/{id} 1", "shop _OTHER /items/{id} 3"];
        assert_requests(metrics, &expected);
    });
}

#[test]
fn layer_of_matched_routes_omits_unmatched_requests() {
    recorded(async |metrics| {
        let app = items().route_layer(HttpLayer::new("shop"));
        let requests = [("GET /items/1", 200), ("PUT /items/1", 405), ("GET /", 404)];
        assert_statuses(&app, &requests).await;
        let expected = ["shop GET /items/{id} 1", "shop PUT /items/{id} 1"];
        assert_requests(metrics, &expected);
    });
}

#[test]
fn routes_that_are_added_after_the_layer_are_not_recorded() {
    recorded(async |metrics| {
        let app = items().layer(HttpLayer::new("shop"));
        let app = app.route("/metrics", get(async || "metrics"));
        assert_statuses(&app, &[("GET /metrics", 200), ("GET /items", 200)]).await;
        assert_requests(metrics, &["shop GET /items 1"]);
    });
}

#[test]
fn nested_routes_have_their_full_path() {
    recorded(async |metrics| {
        let app = Router::new().nest("/v1", Router::new().nest("/{tenant}", items()));
        let app = app.layer(HttpLayer::new("shop"));
        let requests = [
            ("GET /v1/acme/items/1", 200),
            ("GET /v1/acme/items/1/2", 404),
            ("GET /v2", 404),
        ];
        assert_statuses(&app, &requests).await;
        let expected = ["shop GET /v1/{tenant}/items/{id} 1", "shop unmatched 2"];
        assert_requests(metrics, &expected);
    });
}

#[test]
fn nested_router_with_a_layer_of_its_own_has_its_own_agent() {
    recorded(async |metrics| {
        let admin = Router::new().route("/users/{id}", get(async || "a user"));
        let admin = admin.layer(HttpLayer::new("admin"));
        let app = items().layer(HttpLayer::new("shop")).nest("/admin", admin);
        let requests = [
            ("GET /admin/users/1", 200),
            ("GET /items/1", 200),
            ("GET /", 404),
        ];
        assert_statuses(&app, &requests).await;
        let expected = [
            "admin GET /admin/users/{id} 1",
            "shop GET /items/{id} 1",
            "shop unmatched 1",
        ];
        assert_requests(metrics, &expected);
    });
}

#[test]
fn router_that_is_nested_twice_has_both_paths() {
    recorded(async |metrics| {
        let items = items().layer(HttpLayer::new("shop"));
        let app = Router::new().nest("/a", items.clone()).nest("/b", items);
        let requests = [
            ("GET /a/items", 200),
            ("GET /b/items", 200),
            ("GET /a/items", 200),
        ];
        assert_statuses(&app, &requests).await;
        assert_requests(metrics, &["shop GET /a/items 2", "shop GET /b/items 1"]);
    });
}

/// Sends requests to a router with the routes of [`items`] and `/users`.
async fn send_to_both(app: &Router) {
    let requests = [("GET /items", 200), ("GET /users", 200), ("GET /", 404)];
    assert_statuses(app, &requests).await;
}

#[test]
fn merged_routers_keep_their_agents_and_the_last_fallback() {
    recorded(async |metrics| {
        let users = Router::new().route("/users", get(async || "users"));
        let app = items()
            .layer(HttpLayer::new("shop"))
            .merge(users.layer(HttpLayer::new("users")));
        send_to_both(&app).await;
        let expected = [
            "shop GET /items 1",
            "users GET /users 1",
            "users unmatched 1",
        ];
        assert_requests(metrics, &expected);
    });
}

#[test]
fn merging_into_an_unrecorded_router_records_unmatched_requests() {
    let users = || Router::new().route("/users", get(async || "users"));
    let items = || items().layer(HttpLayer::new("shop"));
    recorded(async |metrics| {
        send_to_both(&users().merge(items())).await;
        assert_requests(metrics, &["shop GET /items 1", "shop unmatched 1"]);
    });
    recorded(async |metrics| {
        send_to_both(&items().merge(users())).await;
        assert_requests(metrics, &["shop GET /items 1"]);
    });
}

#[test]
fn scrapes_of_the_merged_exporter_are_not_recorded() {
    recorded(async |metrics| {
        let builder = Exporter::builder().without_system_metrics();
        let (_, exporter) = builder.build().expect("the recorder is built");
        let app = exporter
            .router()
            .merge(items().layer(HttpLayer::new("shop")));
        let requests = [("GET /metrics", 200), ("GET /items", 200), ("GET /", 404)];
        assert_statuses(&app, &requests).await;
        assert_requests(metrics, &["shop GET /items 1", "shop unmatched 1"]);
    });
}

#[test]
fn fallbacks_are_unmatched() {
    recorded(async |metrics| {
        let nested = items().fallback(async || StatusCode::IM_A_TEAPOT);
        let app = Router::new()
            .nest("/nested", nested)
            .fallback(async || "page");
        let app = app.layer(HttpLayer::new("shop").unmatched("page"));
        let requests = [
            ("GET /about", 200),
            ("GET /nested/about", 418),
            ("GET /nested/items", 200),
        ];
        assert_statuses(&app, &requests).await;
        assert_requests(metrics, &["shop GET /nested/items 1", "shop page 2"]);
    });
}

#[test]
fn nested_services_are_unmatched_and_route_services_are_matched() {
    recorded(async |metrics| {
        let files = get(async || "a file");
        let app = Router::new()
            .nest_service("/nested", files.clone())
            .route_service("/routed/{*path}", files)
            .layer(HttpLayer::new("shop"));
        assert_statuses(&app, &[("GET /nested/a", 200), ("GET /routed/a", 200)]).await;
        assert_requests(metrics, &["shop GET /routed/{*path} 1", "shop unmatched 1"]);
    });
}

#[test]
fn layer_around_a_whole_router_has_no_paths() {
    recorded(async |metrics| {
        let app = HttpLayer::new("shop").unmatched("any").layer(items());
        super::server::send(&app, "GET /items/1").await;
        super::server::send(&app, "GET /").await;
        assert_requests(metrics, &["shop any 2"]);
    });
}

#[test]
fn layer_of_a_single_route_records_that_route() {
    recorded(async |metrics| {
        let slow = post(async || "done").layer(HttpLayer::new("jobs"));
        let app = items().route("/jobs/{id}", slow);
        assert_statuses(&app, &[("POST /jobs/1", 200), ("GET /items", 200)]).await;
        assert_requests(metrics, &["jobs POST /jobs/{id} 1"]);
    });
}

#[test]
fn each_of_two_layers_counts_a_request() {
    recorded(async |metrics| {
        let app = items()
            .layer(HttpLayer::new("inner"))
            .layer(HttpLayer::new("outer"));
        assert_statuses(&app, &[("GET /items", 200)]).await;
        assert_requests(metrics, &["inner GET /items 1", "outer GET /items 1"]);
    });
}
