//! Requests over a socket: kept connections, clients that disconnect, and handlers that panic.

use std::convert::Infallible;
use std::future::pending;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, UPGRADE};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use futures_util::StreamExt as _;
use futures_util::stream::{self, Stream};
use mcp_metrics::web::{HttpLayer, is_event_stream};

use super::server::{Connection, assert_requests, recorded, until};

type Part = Result<&'static str, Infallible>;

/// Returns a body that sends an event, and does not end.
fn endless() -> impl Stream<Item = Part> {
    stream::iter([Ok("data: first\n\n")]).chain(stream::pending())
}

fn events() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/event-stream")];
    (headers, Body::from_stream(endless()))
}

#[test]
fn requests_of_a_kept_connection_end_with_their_bodies() {
    recorded(async |metrics| {
        let two = || Body::from_stream(stream::iter(["te", "xt"].map(Ok::<_, Infallible>)));
        let app = Router::new()
            .route("/text", get(async || "text"))
            .route("/chunks", get(async move || two()))
            .route(
                "/length",
                get(async move || ([(CONTENT_LENGTH, "4")], two())),
            )
            .route("/none", get(async || StatusCode::NO_CONTENT))
            .layer(HttpLayer::new("shop"));
        let mut connection = Connection::to(app).await;
        for _ in 0..2 {
            connection.send("GET /text", "").await;
            connection.until("\r\n\r\ntext").await;
            connection.send("GET /chunks", "").await;
            connection.until("\r\n0\r\n\r\n").await;
            connection.send("GET /length", "").await;
            connection.until("\r\n\r\ntext").await;
            connection.send("GET /none", "").await;
            connection.until("\r\n\r\n").await;
            connection.send("HEAD /chunks", "").await;
            connection.until("\r\n\r\n").await;
        }
        let expected = [
            "shop GET /chunks 2",
            "shop GET /length 2",
            "shop GET /none 2",
            "shop GET /text 2",
            "shop HEAD /chunks 2",
        ];
        let operations = [
            "GET /chunks",
            "GET /length",
            "GET /none",
            "GET /text",
            "HEAD /chunks",
        ];
        for operation in operations {
            // A body may be dropped after its last byte was sent.
            until(|| metrics.requests("shop", operation).active == 0).await;
            metrics.requests("shop", operation).assert(2, &[]);
        }
        assert_requests(metrics, &expected);
    });
}

#[test]
fn client_that_disconnects_before_the_response_cancels_the_request() {
    recorded(async |metrics| {
        let app = Router::new().route("/", get(async || pending::<&str>().await));
        let mut connection = Connection::to(app.layer(HttpLayer::new("shop"))).await;
        connection.send("GET /", "").await;
        let requests = || metrics.requests("shop", "GET /");
        until(|| requests().active == 1).await;
        drop(connection);
        until(|| requests().active == 0).await;
        requests().assert(0, &[("cancelled", 1)]);
    });
}

#[test]
fn client_that_disconnects_during_its_upload_cancels_the_request() {
    recorded(async |metrics| {
        let app = Router::new().route("/", post(async |_: Bytes| "received"));
        let mut connection = Connection::to(app.layer(HttpLayer::new("shop"))).await;
        connection.send("POST /", "Content-Length: 100\r\n").await;
        connection.write("part").await;
        let requests = || metrics.requests("shop", "POST /");
        until(|| requests().active == 1).await;
        drop(connection);
        until(|| requests().active == 0).await;
        let requests = requests();
        assert_eq!((requests.total, requests.observed), (1, 1), "{requests}");
    });
}

#[test]
fn client_that_disconnects_during_a_stream_cancels_the_request() {
    recorded(async |metrics| {
        let app = Router::new().route("/", get(async || events()));
        let mut connection = Connection::to(app.layer(HttpLayer::new("shop"))).await;
        connection.send("GET /", "").await;
        connection.until("first").await;
        let requests = || metrics.requests("shop", "GET /");
        assert_eq!(requests().active, 1, "the stream is in flight");
        drop(connection);
        until(|| requests().active == 0).await;
        requests().assert(0, &[("cancelled", 1)]);
    });
}

#[test]
fn client_that_ends_an_event_stream_is_a_success_if_allowed() {
    recorded(async |metrics| {
        let app = Router::new().route("/", get(async || events()));
        let layer = HttpLayer::new("shop").ok_if_dropped(is_event_stream);
        let mut connection = Connection::to(app.layer(layer)).await;
        connection.send("GET /", "").await;
        connection.until("first").await;
        drop(connection);
        let requests = || metrics.requests("shop", "GET /");
        until(|| requests().active == 0).await;
        requests().assert(1, &[]);
    });
}

#[test]
fn body_that_fails_is_a_failure_and_closes_the_connection() {
    recorded(async |metrics| {
        let broken = || stream::iter([Ok("text"), Err(std::io::Error::other("broken"))]);
        let app = Router::new().route("/", get(async move || Body::from_stream(broken())));
        let mut connection = Connection::to(app.layer(HttpLayer::new("shop"))).await;
        connection.send("GET /", "").await;
        let response = connection.end().await;
        assert!(!response.ends_with("0\r\n\r\n"), "{response}");
        metrics
            .requests("shop", "GET /")
            .assert(0, &[("axum_core::Error", 1)]);
    });
}

#[test]
fn handler_that_panics_is_a_failure() {
    recorded(async |metrics| {
        mcp_metrics_tests::quiet_panics();
        let panics = async || -> &str { std::panic::panic_any(mcp_metrics_tests::PROVOKED) };
        let app = Router::new().route("/", get(panics));
        let mut connection = Connection::to(app.layer(HttpLayer::new("shop"))).await;
        connection.send("GET /", "").await;
        assert_eq!(connection.end().await, "");
        metrics.requests("shop", "GET /").assert(0, &[("panic", 1)]);
    });
}

#[test]
fn request_of_an_upgrade_ends_with_its_response() {
    recorded(async |metrics| {
        let headers = [(CONNECTION, "upgrade"), (UPGRADE, "echo")];
        let switch = async move || (StatusCode::SWITCHING_PROTOCOLS, headers);
        let app = Router::new().route("/", get(switch));
        let mut connection = Connection::to(app.layer(HttpLayer::new("shop"))).await;
        connection
            .send("GET /", "Connection: upgrade\r\nUpgrade: echo\r\n")
            .await;
        let response = connection.until("\r\n\r\n").await;
        assert!(response.starts_with("HTTP/1.1 101 "), "{response}");
        metrics.requests("shop", "GET /").assert(1, &[]);
    });
}

#[test]
fn extractor_that_rejects_a_request_is_recorded() {
    recorded(async |metrics| {
        let app = Router::new().route("/", post(async |_: String| "received"));
        let mut connection = Connection::to(app.layer(HttpLayer::new("shop"))).await;
        connection.send("POST /", "Content-Length: 1\r\n").await;
        // Not UTF-8: the body is one byte of a longer sequence.
        connection.write_bytes(&[0xC3]).await;
        let response = connection.until("\r\n\r\n").await;
        assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
        until(|| metrics.requests("shop", "POST /").active == 0).await;
        metrics.requests("shop", "POST /").assert(1, &[]);
    });
}
