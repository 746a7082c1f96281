//! Outcomes of operations.

use mcp_metrics::mcp::Metered;
use mcp_metrics_tests::exporter;

use super::server::{Hub, call, connect};

const DURATION: &str = "mcp_server_operation_duration_seconds_count";

#[tokio::test]
async fn every_request_is_an_operation_with_its_outcome() {
    exporter();
    let (server, client) = connect(Metered::new(Hub::new())).await;
    client.list_all_tools().await.unwrap();
    client.call_tool(call("fast")).await.unwrap();
    client.call_tool(call("fails")).await.unwrap();
    client.call_tool(call("breaks")).await.unwrap_err();
    client.call_tool(call("invented")).await.unwrap_err();
    client.cancel().await.unwrap();
    server.waiting().await.unwrap();
    let scrape = exporter().render();
    eprintln!("{}", scrape.lines().filter(|l| l.contains("mcp_server") && !l.contains("_bucket")).collect::<Vec<_>>().join("\n"));
    let _ = DURATION;
}
