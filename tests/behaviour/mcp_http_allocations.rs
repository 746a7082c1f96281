//! Allocations of `mcp::McpHttpLayer`. One test, because the allocator counts for the whole
//! process.

use std::alloc::System;
use std::convert::Infallible;
use std::future::{Future as _, Ready, ready};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use axum::http::{Method, Request, Response};
use mcp_metrics::Exporter;
use mcp_metrics::mcp::McpHttpLayer;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tower_layer::Layer as _;
use tower_service::Service;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// A service that answers with a body that is not empty, and allocates.
#[derive(Clone, Copy)]
struct Text;

impl Service<Request<()>> for Text {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        ready(Ok(Response::new(Body::from("text"))))
    }
}

fn post() -> Request<()> {
    let mut request = Request::new(());
    *request.method_mut() = Method::POST;
    request
}

/// Returns the number of allocations of 100 requests whose bodies are dropped unread.
fn allocations<S: Service<Request<()>>>(mut service: S) -> usize {
    let before = Region::new(ALLOCATOR);
    for _ in 0..100 {
        let response = pin!(service.call(post()));
        let response = response.poll(&mut Context::from_waker(Waker::noop()));
        assert!(response.is_ready());
    }
    before.change().allocations
}

#[test]
fn requests_of_known_series_do_not_allocate() {
    // Without background threads, which allocate at any time.
    let builder = Exporter::builder().without_system_metrics();
    let exporter = builder.install().expect("no other recorder");
    let recorded = McpHttpLayer::new().layer(Text);
    let first = allocations(recorded);
    let plain = allocations(Text);
    assert!(first > plain, "the first request registers its series");
    assert_eq!(allocations(recorded), plain);
    let counts = [
        "mcp_http_aborted_responses_total 200",
        r#"mcp_http_responses_total{http_method="POST",code="200",session="none"} 200"#,
    ];
    let text = exporter.render();
    for line in counts {
        assert!(text.lines().any(|it| it == line), "{line} in\n{text}");
    }
}
