//! Requests that are rejected before a handler sees them.

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use mcp_metrics::mcp::{self, AuthFailure};
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;

use super::server::{INITIALIZE, Server, assert_http, recorded, serve, serve_hub};
use crate::server::Hub;

#[test]
fn protocol_errors_are_counted_by_code() {
    recorded(async |metrics| {
        let config = StreamableHttpServerConfig::default().with_max_request_body_bytes(300);
        let server = serve_hub(config).await;
        let both = ("Accept", "application/json, text/event-stream");
        let json = ("Content-Type", "application/json");
        let long = format!("{INITIALIZE}{}", " ".repeat(300));
        let requests: [(&str, &[_], &str, u16); 7] = [
            ("PUT", &[], "", 405),
            ("BREW", &[], "", 405),
            ("POST", &[("Accept", "text/html"), json], INITIALIZE, 406),
            ("GET", &[("Accept", "text/html")], "", 406),
            ("POST", &[both, json], &long, 413),
            (
                "POST",
                &[both, ("Content-Type", "text/plain")],
                INITIALIZE,
                415,
            ),
            (
                "POST",
                &[both, json, ("Host", "example.com")],
                INITIALIZE,
                403,
            ),
        ];
        for (method, headers, body, status) in requests {
            let response = server.send(method, headers, body).await.end().await;
            assert_eq!(
                response.status(),
                status,
                "{method} {headers:?}: {response:?}"
            );
        }
        let expected = [
            "auth_failures_total forbidden 1",
            "responses_total GET 406 none 1",
            "responses_total POST 403 none 1",
            "responses_total POST 406 none 1",
            "responses_total POST 413 none 1",
            "responses_total POST 415 none 1",
            "responses_total PUT 405 none 1",
            "responses_total _OTHER 405 none 1",
        ];
        assert_http(metrics, &expected);
        let operations = metrics.histogram("mcp_server_operation_duration_seconds", &[]);
        assert_eq!(operations.count, 0, "{metrics}");
    });
}

/// Starts a server with this authentication inside of the recorded responses.
macro_rules! serve_with {
    ($authenticate:expr) => {{
        let hub = mcp::streamable_http(|| Ok(Hub::new()), StreamableHttpServerConfig::default());
        let hub = hub.layer(from_fn($authenticate));
        serve(Router::new().nest_service("/mcp", hub)).await
    }};
}

/// Returns why a request is rejected.
fn rejection(request: &Request) -> Option<(StatusCode, &'static str)> {
    match request.headers().get("authorization")?.to_str() {
        Ok("Bearer right") => None,
        Ok("Bearer expired") => Some((StatusCode::UNAUTHORIZED, "expired_token")),
        Ok("Bearer guest") => Some((StatusCode::FORBIDDEN, "missing_scope")),
        _ => Some((StatusCode::UNAUTHORIZED, "wrong_token")),
    }
}

async fn with_reason(request: Request, next: Next) -> Response {
    let Some((status, reason)) = rejection(&request) else {
        return next.run(request).await;
    };
    let mut response = status.into_response();
    response.extensions_mut().insert(AuthFailure(reason));
    response
}

async fn without_reason(request: Request, next: Next) -> Response {
    match rejection(&request) {
        Some((status, _)) => status.into_response(),
        None => next.run(request).await,
    }
}

async fn initialize_with_tokens(server: Server) -> Vec<u16> {
    let mut codes = Vec::new();
    for token in ["wrong", "expired", "guest", "wrong", "right"] {
        let authorization = format!("Bearer {token}");
        let headers = [("Authorization", &*authorization)];
        let response = server.post(&headers, INITIALIZE).await.end().await;
        codes.push(response.status());
    }
    codes
}

#[test]
fn reasons_of_an_authentication_layer_are_counted() {
    recorded(async |metrics| {
        let server = serve_with!(with_reason);
        let codes = initialize_with_tokens(server).await;
        assert_eq!(codes, [401, 401, 403, 401, 200]);
        let expected = [
            "auth_failures_total expired_token 1",
            "auth_failures_total missing_scope 1",
            "auth_failures_total wrong_token 2",
            "open_streams 0",
            "responses_total POST 200 none 1",
            "responses_total POST 401 none 3",
            "responses_total POST 403 none 1",
        ];
        assert_http(metrics, &expected);
    });
}

#[test]
fn rejections_without_a_reason_are_counted_by_status() {
    recorded(async |metrics| {
        let server = serve_with!(without_reason);
        let codes = initialize_with_tokens(server).await;
        assert_eq!(codes, [401, 401, 403, 401, 200]);
        let expected = [
            "auth_failures_total forbidden 1",
            "auth_failures_total unauthorized 3",
            "open_streams 0",
            "responses_total POST 200 none 1",
            "responses_total POST 401 none 3",
            "responses_total POST 403 none 1",
        ];
        assert_http(metrics, &expected);
    });
}
