//! Calls that are cancelled, panic or lose their client, with and without supervision.

use std::time::Duration;

use mcp_metrics::mcp::Metered;
use rmcp::RoleClient;
use rmcp::model::{ClientRequest, ErrorCode, Request};
use rmcp::service::{PeerRequestOptions, RequestHandle, ServiceError};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::recorder::Recorder;
use super::server::{Client, Hub, Server, call, connect};

const CALLS: &str = "mcp_server_operation_duration_seconds_count{mcp_method_name=\"tools/call\",";

async fn hub(
    metered: impl FnOnce(Metered<Hub>) -> Metered<Hub>,
) -> (Server<Hub>, Client, UnboundedReceiver<&'static str>) {
    let (events, seen) = unbounded_channel();
    let (server, client) = connect(metered(Metered::new(Hub::with_events(events)))).await;
    (server, client, seen)
}

/// Starts a call without waiting for its answer.
async fn start(client: &Client, tool: &'static str) -> RequestHandle<RoleClient> {
    let request = ClientRequest::CallToolRequest(Request::new(call(tool)));
    let options = PeerRequestOptions::default();
    let handle = client.send_cancellable_request(request, options).await;
    handle.expect("the client is connected")
}

/// Runs the tasks of the runtime until the samples are as expected.
async fn wait_for(recorder: &Recorder, prefix: &str, expected: &[&str]) {
    for _ in 0..10_000 {
        if recorder.samples(prefix) == expected {
            return;
        }
        tokio::task::yield_now().await;
    }
    recorder.assert_samples(prefix, expected);
}

#[tokio::test]
async fn cancelled_call_of_a_cooperative_tool_is_cancelled() {
    let recorder = Recorder::new();
    let (_server, client, mut events) = hub(|metered| metered).await;
    let handle = start(&client, "cancellable").await;
    assert_eq!(events.recv().await, Some("cancellable"));
    recorder.assert_samples(
        "mcp_server_active_requests{mcp_method_name=\"tools/call\"}",
        &[" 1"],
    );
    handle.cancel(None).await.unwrap();
    let expected =
        r#"gen_ai_tool_name="cancellable",error_type="cancelled",network_transport="pipe"} 1"#;
    wait_for(&recorder, CALLS, &[expected]).await;
    recorder.assert_samples(
        "mcp_server_active_requests{mcp_method_name=\"tools/call\"}",
        &[" 0"],
    );
    recorder.assert_samples(
        "mcp_server_notifications_total{",
        &[
            r#"mcp_method_name="notifications/cancelled",direction="received"} 1"#,
            r#"mcp_method_name="notifications/initialized",direction="received"} 1"#,
        ],
    );
}

#[tokio::test]
async fn cancelled_call_of_a_deaf_tool_runs_on_without_supervision() {
    let recorder = Recorder::new();
    let (_server, client, mut events) = hub(|metered| metered).await;
    let handle = start(&client, "deaf").await;
    assert_eq!(events.recv().await, Some("deaf"));
    handle.cancel(None).await.unwrap();
    client.call_tool(call("fast")).await.unwrap();
    recorder.assert_samples(
        "mcp_server_active_requests{mcp_method_name=\"tools/call\"}",
        &[" 1"],
    );
    assert!(events.try_recv().is_err());
}

#[tokio::test]
async fn cancelled_call_of_a_deaf_tool_is_dropped_under_supervision() {
    let recorder = Recorder::new();
    let (_server, client, mut events) = hub(Metered::supervised).await;
    let handle = start(&client, "deaf").await;
    assert_eq!(events.recv().await, Some("deaf"));
    handle.cancel(None).await.unwrap();
    assert_eq!(events.recv().await, Some("dropped"));
    let expected = r#"gen_ai_tool_name="deaf",error_type="cancelled",network_transport="pipe"} 1"#;
    wait_for(&recorder, CALLS, &[expected]).await;
    recorder.assert_samples(
        "mcp_server_active_requests{mcp_method_name=\"tools/call\"}",
        &[" 0"],
    );
}

#[tokio::test]
async fn panic_is_counted_and_unanswered_without_supervision() {
    let recorder = Recorder::new();
    let (_server, client, _events) = hub(|metered| metered).await;
    let _handle = start(&client, "panics").await;
    let expected = r#"gen_ai_tool_name="panics",error_type="panic",network_transport="pipe"} 1"#;
    wait_for(&recorder, CALLS, &[expected]).await;
    recorder.assert_samples(
        "mcp_server_active_requests{mcp_method_name=\"tools/call\"}",
        &[" 0"],
    );
    client.call_tool(call("fast")).await.unwrap();
}

#[tokio::test]
async fn panic_is_answered_under_supervision() {
    let recorder = Recorder::new();
    let (_server, client, _events) = hub(Metered::supervised).await;
    let answer = tokio::time::timeout(Duration::from_secs(10), client.call_tool(call("panics")));
    match answer.await.expect("the client is answered") {
        Err(ServiceError::McpError(error)) => assert_eq!(error.code, ErrorCode::INTERNAL_ERROR),
        other => panic!("not an error: {other:?}"),
    }
    let expected = r#"gen_ai_tool_name="panics",error_type="panic",network_transport="pipe"} 1"#;
    recorder.assert_samples(CALLS, &[expected]);
}

#[tokio::test(start_paused = true)]
async fn client_timeout_cancels_the_call() {
    let recorder = Recorder::new();
    let (_server, client, mut events) = hub(Metered::supervised).await;
    let request = ClientRequest::CallToolRequest(Request::new(call("deaf")));
    let mut options = PeerRequestOptions::default();
    options.timeout = Some(Duration::from_secs(1));
    let handle = client
        .send_cancellable_request(request, options)
        .await
        .unwrap();
    assert!(matches!(
        handle.await_response().await,
        Err(ServiceError::Timeout { .. })
    ));
    assert_eq!(events.recv().await, Some("deaf"));
    assert_eq!(events.recv().await, Some("dropped"));
    let expected = r#"gen_ai_tool_name="deaf",error_type="cancelled",network_transport="pipe"} 1"#;
    wait_for(&recorder, CALLS, &[expected]).await;
}

#[tokio::test(start_paused = true)]
async fn disconnect_during_a_call_ends_it_under_supervision() {
    let recorder = Recorder::new();
    let (server, client, mut events) = hub(Metered::supervised).await;
    let _handle = start(&client, "deaf").await;
    assert_eq!(events.recv().await, Some("deaf"));
    client.cancel().await.unwrap();
    assert_eq!(events.recv().await, Some("dropped"));
    server.waiting().await.unwrap();
    let expected = r#"gen_ai_tool_name="deaf",error_type="cancelled",network_transport="pipe"} 1"#;
    wait_for(&recorder, CALLS, &[expected]).await;
    recorder.assert_samples(
        "mcp_server_active_sessions",
        &[r#"{network_transport="pipe"} 0"#],
    );
}
