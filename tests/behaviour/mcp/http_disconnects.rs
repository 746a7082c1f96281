//! Clients that disconnect.

use axum::Router;
use axum::routing::post;
use mcp_metrics::mcp::McpHttpLayer;
use mcp_metrics::testing::Recording;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;

use super::server::{assert_http, call, http_metrics, recorded, serve, serve_hub, until};

fn stateless() -> StreamableHttpServerConfig {
    StreamableHttpServerConfig::default().with_legacy_session_mode(false)
}

/// Waits until a tool call is in flight.
async fn until_called(metrics: &Recording) {
    let labels = [("mcp_method_name", "tools/call")];
    until(|| metrics.gauge("mcp_server_active_requests", &labels) == Some(1.0)).await;
}

async fn until_aborted(metrics: &Recording) {
    until(|| metrics.counter("mcp_http_aborted_responses_total", &[]) == 1).await;
}

#[test]
fn client_that_disconnects_before_the_headers_aborts_its_response() {
    recorded(async |metrics| {
        let server = serve_hub(stateless().with_json_response(true)).await;
        let request = server.post(&[], &call("cancellable")).await;
        until_called(metrics).await;
        assert_http(metrics, &[]);
        drop(request);
        until_aborted(metrics).await;
        assert_http(metrics, &["aborted_responses_total 1"]);
    });
}

#[test]
fn client_that_disconnects_during_a_stream_aborts_its_response() {
    recorded(async |metrics| {
        let server = serve_hub(stateless()).await;
        let request = server.post(&[], &call("cancellable")).await;
        let request = request.until("\r\n\r\n").await;
        until_called(metrics).await;
        let expected = ["open_streams 1", "responses_total POST 200 none 1"];
        assert_http(metrics, &expected);
        drop(request);
        until_aborted(metrics).await;
        let expected = [
            "aborted_responses_total 1",
            "open_streams 0",
            "responses_total POST 200 none 1",
        ];
        until(|| http_metrics(metrics) == expected).await;
    });
}

#[test]
fn client_that_disconnects_during_a_call_in_a_session_aborts_its_response() {
    recorded(async |metrics| {
        let server = serve_hub(StreamableHttpServerConfig::default()).await;
        let session = server.initialize().await;
        let headers = [("Mcp-Session-Id", &*session)];
        let request = server.post(&headers, &call("deaf")).await;
        let request = request.until("\r\n\r\n").await;
        until_called(metrics).await;
        drop(request);
        until_aborted(metrics).await;
        let expected = [
            "aborted_responses_total 1",
            "open_streams 0",
            "responses_total POST 200 known 1",
            "responses_total POST 200 none 1",
            "responses_total POST 202 known 1",
        ];
        until(|| http_metrics(metrics) == expected).await;
    });
}

#[test]
fn server_that_shuts_down_ends_its_streams_without_an_abort() {
    recorded(async |metrics| {
        let config = StreamableHttpServerConfig::default();
        let shutdown = config.cancellation_token.clone();
        let server = serve_hub(config).await;
        let session = server.initialize().await;
        let headers = [
            ("Mcp-Session-Id", &*session),
            ("Accept", "text/event-stream"),
        ];
        let stream = server.send("GET", &headers, "").await;
        let stream = stream.until("retry").await;
        shutdown.cancel();
        stream.end().await;
        let expected = [
            "open_streams 0",
            "responses_total GET 200 known 1",
            "responses_total POST 200 none 1",
            "responses_total POST 202 known 1",
        ];
        assert_http(metrics, &expected);
    });
}

#[test]
fn service_that_panics_does_not_abort_its_response() {
    recorded(async |metrics| {
        mcp_metrics_tests::quiet_panics();
        let route = post(async || -> String {
            std::panic::panic_any(mcp_metrics_tests::PROVOKED);
        });
        let app = Router::new().route("/mcp", route);
        let server = serve(app.layer(McpHttpLayer::new())).await;
        let response = server.post(&[], "").await;
        assert_eq!(response.end().await.0, "");
        assert_http(metrics, &[]);
    });
}
