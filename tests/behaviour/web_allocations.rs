//! Allocations of `web::HttpLayer`. One test, because the allocator counts for the whole process.

use std::alloc::System;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::extract::MatchedPath;
use axum::http::{Method, Request, Response, StatusCode};
use axum::routing::any;
use mcp_metrics::Exporter;
use mcp_metrics::web::HttpLayer;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tower_layer::Layer as _;
use tower_service::Service;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A service that answers with a body that is not empty, and allocates.
#[derive(Clone, Copy)]
struct Text(StatusCode);

impl Service<Request<()>> for Text {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let mut response = Response::new(Body::from("text"));
        *response.status_mut() = self.0;
        ready(Ok(response))
    }
}

/// Returns the output of a future that is ready.
fn output<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future is ready"),
    }
}

/// Returns the matched path that a router adds to its requests.
fn matched_path() -> MatchedPath {
    let handler = async |path: MatchedPath| {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(path);
        response
    };
    let mut router: Router = Router::new().route("/items/{id}", any(handler));
    let request = Request::get("/items/1").body(Body::empty());
    let response = output(router.call(request.expect("a request")));
    let response = response.expect("a response");
    response
        .extensions()
        .get()
        .cloned()
        .expect("a matched path")
}

/// Returns the number of allocations of 100 requests whose bodies are dropped unread.
fn allocations<S: Service<Request<()>>>(mut service: S, path: &MatchedPath) -> usize {
    let before = Region::new(ALLOCATOR);
    for _ in 0..100 {
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        request.extensions_mut().insert(path.clone());
        assert!(output(service.call(request)).is_ok());
    }
    before.change().allocations
}

#[test]
fn requests_of_known_routes_do_not_allocate() {
    // Without background threads, which allocate at any time.
    let builder = Exporter::builder().without_system_metrics();
    let exporter = builder.install().expect("no other recorder");
    let path = matched_path();
    // Labels that are not literals, as they are read from a configuration.
    let layer = || HttpLayer::new(String::from("shop")).unmatched(String::from("any"));
    let ok = (Text(StatusCode::OK), layer());
    let failing = (
        Text(StatusCode::BAD_GATEWAY),
        layer().operation("/items/{id}", String::from("x")),
    );
    for (service, layer) in [ok, failing] {
        let recorded = layer.layer(service);
        let first = allocations(recorded.clone(), &path);
        let plain = allocations(service, &path);
        assert!(first > plain, "the first request registers its series");
        assert_eq!(allocations(recorded, &path), plain);
    }
    let counts = [
        r#"mcp_hub_requests_failed_total{agent="shop",operation="POST /items/{id}",error_type="cancelled"} 200"#,
        r#"mcp_hub_requests_failed_total{agent="shop",operation="x",error_type="502"} 200"#,
    ];
    let text = exporter.render();
    for line in counts {
        assert!(text.lines().any(|it| it == line), "{line} in\n{text}");
    }
}
