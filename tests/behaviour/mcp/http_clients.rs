//! rmcp's own client over HTTP, in each mode of the server.

use axum::Router;
use mcp_metrics::mcp;
use rmcp::model::ProtocolVersion;
use rmcp::service::{ClientLifecycleMode, ClientServiceExt as _};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;

use super::server::{Server, assert_http, http_metrics, recorded, serve, serve_hub, until};
use crate::server::{Client, Hub, call as tool};

/// Connects a client with this handshake.
async fn connect(server: Server, lifecycle: ClientLifecycleMode) -> Client {
    // An error means that a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build();
    let transport = StreamableHttpClientTransport::with_client(
        http.expect("a client"),
        StreamableHttpClientTransportConfig::with_uri(format!("http://{}/mcp", server.0)),
    );
    let client = ().serve_with_lifecycle(transport, lifecycle).await;
    client.expect("the client connects")
}

fn modern() -> ClientLifecycleMode {
    ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    }
}

/// Calls two tools, and disconnects.
async fn calls(client: Client) {
    let result = client.call_tool(tool("fast")).await.expect("a result");
    assert_ne!(result.is_error, Some(true), "{result:?}");
    client
        .call_tool(tool("breaks"))
        .await
        .expect_err("an error");
    client.cancel().await.expect("the client ends");
}

#[test]
fn stateful_server_counts_known_sessions() {
    recorded(async |metrics| {
        let server = serve_hub(StreamableHttpServerConfig::default()).await;
        let client = connect(server, ClientLifecycleMode::Initialize).await;
        let open = || metrics.gauge("mcp_http_open_streams", &[]);
        until(|| open() == Some(1.0)).await;
        let expected = [
            "open_streams 1",
            "responses_total GET 200 known 1",
            "responses_total POST 200 none 1",
            "responses_total POST 202 known 1",
        ];
        assert_http(metrics, &expected);
        calls(client).await;
        let expected = [
            "open_streams 0",
            "responses_total DELETE 202 known 1",
            "responses_total GET 200 known 1",
            "responses_total POST 200 known 2",
            "responses_total POST 200 none 1",
            "responses_total POST 202 known 1",
        ];
        until(|| http_metrics(metrics) == expected).await;
    });
}

#[test]
fn stateless_server_counts_no_sessions() {
    recorded(async |metrics| {
        let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false);
        let server = serve_hub(config).await;
        calls(connect(server, ClientLifecycleMode::Initialize).await).await;
        until(|| metrics.gauge("mcp_http_open_streams", &[]) == Some(0.0)).await;
        let expected = [
            "open_streams 0",
            "responses_total POST 200 none 3",
            "responses_total POST 202 none 1",
        ];
        assert_http(metrics, &expected);
    });
}

#[test]
fn json_responses_are_no_streams() {
    recorded(async |metrics| {
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true);
        let server = serve_hub(config).await;
        calls(connect(server, ClientLifecycleMode::Initialize).await).await;
        let expected = [
            "responses_total POST 200 none 3",
            "responses_total POST 202 none 1",
        ];
        assert_http(metrics, &expected);
    });
}

#[test]
fn requests_of_protocol_2026_07_28_have_no_session() {
    recorded(async |metrics| {
        let server = serve_hub(StreamableHttpServerConfig::default()).await;
        calls(connect(server, modern()).await).await;
        until(|| metrics.gauge("mcp_http_open_streams", &[]) == Some(0.0)).await;
        let expected = ["open_streams 0", "responses_total POST 200 none 3"];
        assert_http(metrics, &expected);
    });
}

#[test]
fn agent_and_supervision_apply_to_each_handler() {
    recorded(async |metrics| {
        mcp_metrics_tests::quiet_panics();
        let hub = mcp::streamable_http(|| Ok(Hub::new()), StreamableHttpServerConfig::default());
        let hub = hub.agent("hub").supervised();
        let server = serve(Router::new().nest_service("/mcp", hub)).await;
        for _ in 0..2 {
            let client = connect(server, ClientLifecycleMode::Initialize).await;
            client.call_tool(tool("fast")).await.expect("a result");
            let panicked = client.call_tool(tool("panics")).await;
            panicked.expect_err("the panic is answered");
            client.cancel().await.expect("the client ends");
        }
        metrics.requests("hub", "fast").assert(2, &[]);
        metrics.requests("hub", "panics").assert(0, &[("panic", 2)]);
    });
}
