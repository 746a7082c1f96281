//! `McpHttpLayer` around services of axum and of a program.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use axum::routing::{any, get};
use futures_util::stream::iter;
use mcp_metrics::mcp::McpHttpLayer;
use mcp_metrics::testing::record;
use tower_layer::Layer as _;
use tower_service::Service;

use super::server::{Server, assert_http, http_metrics, recorded, serve};

type Answer = Result<Response<Body>, &'static str>;

/// A service whose responses are these futures.
struct With<F>(F);

impl<F, R> Service<Request<()>> for With<F>
where
    F: FnMut() -> R,
    R: Future<Output = Answer>,
{
    type Response = Response<Body>;
    type Error = &'static str;
    type Future = R;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        Poll::Ready(Err("not ready"))
    }

    fn call(&mut self, _: Request<()>) -> R {
        self.0()
    }
}

/// Returns the HTTP families after a request whose future is polled so often.
fn after<R: Future<Output = Answer>>(polls: usize, respond: impl FnMut() -> R) -> Vec<String> {
    mcp_metrics_tests::quiet_panics();
    let ((), metrics) = record(|| {
        let mut service = McpHttpLayer::new().layer(With(respond));
        let mut response = pin!(service.call(Request::new(())));
        for _ in 0..polls {
            // A layer outside may catch the panic before it drops the future.
            let poll = |future: Pin<&mut _>| {
                Future::poll(future, &mut Context::from_waker(Waker::noop())).is_ready()
            };
            let _ = catch_unwind(AssertUnwindSafe(|| poll(response.as_mut())));
        }
    });
    http_metrics(&metrics)
}

#[test]
fn future_that_is_dropped_before_the_response_is_an_abort() {
    let aborted = ["aborted_responses_total 1"];
    assert_eq!(after(0, pending::<Answer>), aborted);
    assert_eq!(after(1, pending::<Answer>), aborted);
    assert_eq!(after(2, pending::<Answer>), aborted);
}

#[test]
fn error_or_panic_of_the_service_is_neither_a_response_nor_an_abort() {
    assert_eq!(after(1, async || Err("broken")), [""; 0]);
    let panics = async || std::panic::panic_any(mcp_metrics_tests::PROVOKED);
    assert_eq!(after(1, panics), [""; 0]);
}

#[test]
fn readiness_is_the_one_of_the_service() {
    let mut service = McpHttpLayer::new().layer(With(pending::<Answer>));
    let ready = service.poll_ready(&mut Context::from_waker(Waker::noop()));
    assert_eq!(ready, Poll::Ready(Err("not ready")));
}

#[test]
fn labels_are_from_closed_sets() {
    recorded(async |metrics| {
        let teapot = any(async || StatusCode::IM_A_TEAPOT);
        let app = Router::new().route("/mcp", teapot);
        let server = serve(app.layer(McpHttpLayer::new())).await;
        let methods = [
            "DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT", "TRACE", "PURGE", "get",
        ];
        for method in methods {
            server.send(method, &[], "").await.end().await;
        }
        let expected = [
            "responses_total DELETE 418 none 1",
            "responses_total GET 418 none 1",
            "responses_total OPTIONS 418 none 1",
            "responses_total PATCH 418 none 1",
            "responses_total POST 418 none 1",
            "responses_total PUT 418 none 1",
            "responses_total TRACE 418 none 1",
            "responses_total _OTHER 418 none 2",
        ];
        assert_http(metrics, &expected);
        let line = "\nmcp_http_responses_total\
            {http_method=\"GET\",code=\"418\",session=\"none\"} 1\n";
        assert!(metrics.render().contains(line), "{}", metrics.render());
    });
}

/// Requests a path that exists, with and without a body, and one that does not.
async fn requests(server: Server) {
    for (method, status) in [("GET", 200), ("HEAD", 200), ("DELETE", 405)] {
        let response = server.send(method, &[], "").await.end().await;
        assert_eq!(response.status(), status, "{response:?}");
    }
}

#[test]
fn layer_of_a_router_counts_all_responses() {
    recorded(async |metrics| {
        let app = Router::new().route("/mcp", get(async || "text"));
        requests(serve(app.layer(McpHttpLayer::new())).await).await;
        let expected = [
            "responses_total DELETE 405 none 1",
            "responses_total GET 200 none 1",
            "responses_total HEAD 200 none 1",
        ];
        assert_http(metrics, &expected);
    });
}

#[test]
fn layer_of_routes_counts_their_responses() {
    recorded(async |metrics| {
        let app = Router::new().route("/mcp", get(async || "text"));
        let server = serve(app.route_layer(McpHttpLayer::new())).await;
        requests(server).await;
        let expected = [
            "responses_total DELETE 405 none 1",
            "responses_total GET 200 none 1",
            "responses_total HEAD 200 none 1",
        ];
        assert_http(metrics, &expected);
    });
}

#[test]
fn nested_service_counts_its_responses() {
    recorded(async |metrics| {
        let inner = Router::new().route("/", get(async || "text"));
        let service = McpHttpLayer::new().layer(inner);
        let app = Router::new().nest_service("/mcp", service);
        requests(serve(app).await).await;
        let expected = [
            "responses_total DELETE 405 none 1",
            "responses_total GET 200 none 1",
            "responses_total HEAD 200 none 1",
        ];
        assert_http(metrics, &expected);
    });
}

#[test]
fn stream_of_known_length_is_not_aborted() {
    recorded(async |metrics| {
        let parts = || Body::from_stream(iter(["te", "xt"].map(Ok::<_, Infallible>)));
        let route = get(async move || ([("content-length", "4")], parts()));
        let app = Router::new().route("/mcp", route);
        let server = serve(app.layer(McpHttpLayer::new())).await;
        let response = server.send("GET", &[], "").await.end().await;
        assert!(response.0.ends_with("\r\n\r\ntext"), "{response:?}");
        assert_http(metrics, &["responses_total GET 200 none 1"]);
    });
}
