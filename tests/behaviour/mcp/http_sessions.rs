//! Sessions over HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use mcp_metrics::mcp;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;

use super::server::{
    INITIALIZE, INITIALIZED, assert_http, call, http_metrics, recorded, serve, serve_hub, until,
};
use crate::server::Hub;

#[test]
fn each_step_of_a_session_is_counted() {
    recorded(async |metrics| {
        let server = serve_hub(StreamableHttpServerConfig::default()).await;
        assert_http(metrics, &[]);

        let initialized = server.post(&[], INITIALIZE).await.end().await;
        assert_eq!(initialized.status(), 200, "{initialized:?}");
        let expected = ["open_streams 0", "responses_total POST 200 none 1"];
        assert_http(metrics, &expected);

        let session = initialized.header("mcp-session-id").expect("a session");
        let headers = [("Mcp-Session-Id", session)];
        let accepted = server.post(&headers, INITIALIZED).await.end().await;
        assert_eq!(accepted.status(), 202, "{accepted:?}");
        let result = server.post(&headers, &call("fast")).await.end().await;
        assert!(result.0.contains("done"), "{result:?}");
        let expected = [
            "open_streams 0",
            "responses_total POST 200 known 1",
            "responses_total POST 200 none 1",
            "responses_total POST 202 known 1",
        ];
        assert_http(metrics, &expected);

        let deleted = server.send("DELETE", &headers, "").await.end().await;
        assert_eq!(deleted.status(), 202, "{deleted:?}");
        let gone = server.post(&headers, &call("fast")).await.end().await;
        assert_eq!(gone.status(), 404, "{gone:?}");
        let expected = [
            "open_streams 0",
            "responses_total DELETE 202 known 1",
            "responses_total POST 200 known 1",
            "responses_total POST 200 none 1",
            "responses_total POST 202 known 1",
            "responses_total POST 404 unknown 1",
        ];
        assert_http(metrics, &expected);
        let operations = metrics.histogram("mcp_server_operation_duration_seconds", &[]);
        assert_eq!(operations.count, 2, "{metrics}");
        assert_eq!(metrics.requests("hub", "fast").total, 0, "{metrics}");
    });
}

#[test]
fn requests_with_an_unknown_session_are_counted_as_unknown() {
    recorded(async |metrics| {
        let server = serve_hub(StreamableHttpServerConfig::default()).await;
        let headers = [
            ("Mcp-Session-Id", "invented"),
            ("Accept", "text/event-stream"),
        ];
        let response = server.post(&headers[..1], &call("fast")).await.end().await;
        assert_eq!(response.status(), 404, "{response:?}");
        let response = server.send("GET", &headers, "").await.end().await;
        assert_eq!(response.status(), 404, "{response:?}");
        let response = server.post(&[], &call("fast")).await.end().await;
        assert_eq!(response.status(), 400, "{response:?}");
        let expected = [
            "responses_total GET 404 unknown 1",
            "responses_total POST 400 none 1",
            "responses_total POST 404 unknown 1",
        ];
        assert_http(metrics, &expected);
    });
}

#[test]
fn expired_session_is_unknown() {
    recorded(async |metrics| {
        let mut sessions = LocalSessionManager::default();
        sessions.session_config.keep_alive = Some(Duration::from_millis(20));
        let sessions = Arc::new(sessions);
        let hub = mcp::streamable_http(|| Ok(Hub::new()), StreamableHttpServerConfig::default());
        let hub = hub.sessions(Arc::clone(&sessions));
        let server = serve(Router::new().nest_service("/mcp", hub)).await;
        let initialized = server.post(&[], INITIALIZE).await.end().await;
        let session = initialized.header("mcp-session-id").expect("a session");
        until(|| sessions.sessions.try_read().is_ok_and(|it| it.is_empty())).await;
        let headers = [("Mcp-Session-Id", session)];
        let response = server.post(&headers, &call("fast")).await.end().await;
        assert_eq!(response.status(), 404, "{response:?}");
        let expected = [
            "open_streams 0",
            "responses_total POST 200 none 1",
            "responses_total POST 404 unknown 1",
        ];
        assert_http(metrics, &expected);
    });
}

#[test]
fn stream_is_open_until_its_session_is_deleted() {
    recorded(async |metrics| {
        let server = serve_hub(StreamableHttpServerConfig::default()).await;
        let session = server.initialize().await;
        let headers = [
            ("Mcp-Session-Id", &*session),
            ("Accept", "text/event-stream"),
        ];
        let stream = server.send("GET", &headers, "").await;
        let stream = stream.until("retry").await;
        let open = || metrics.gauge("mcp_http_open_streams", &[]);
        assert_eq!(open(), Some(1.0), "{metrics}");

        let deleted = server.send("DELETE", &headers, "").await.end().await;
        assert_eq!(deleted.status(), 202, "{deleted:?}");
        let stream = stream.end().await;
        assert_eq!(stream.status(), 200, "{stream:?}");
        let expected = [
            "open_streams 0",
            "responses_total DELETE 202 known 1",
            "responses_total GET 200 known 1",
            "responses_total POST 200 none 1",
            "responses_total POST 202 known 1",
        ];
        assert_http(metrics, &expected);
    });
}

#[test]
fn streams_of_several_clients_are_counted_until_they_disconnect() {
    recorded(async |metrics| {
        let server = serve_hub(StreamableHttpServerConfig::default()).await;
        let mut streams = Vec::new();
        for number in 1..=3 {
            let session = server.initialize().await;
            let headers = [
                ("Mcp-Session-Id", &*session),
                ("Accept", "text/event-stream"),
            ];
            let stream = server.send("GET", &headers, "").await;
            streams.push(stream.until("retry").await);
            let open = metrics.gauge("mcp_http_open_streams", &[]);
            assert_eq!(open, Some(f64::from(number)), "{metrics}");
        }
        while let Some(stream) = streams.pop() {
            drop(stream);
            let left = format!("open_streams {}", streams.len());
            until(|| http_metrics(metrics).contains(&left)).await;
        }
        let expected = [
            "open_streams 0",
            "responses_total GET 200 known 3",
            "responses_total POST 200 none 3",
            "responses_total POST 202 known 3",
        ];
        assert_http(metrics, &expected);
    });
}
