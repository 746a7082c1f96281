//! MCP servers, whose handlers run in tasks that rmcp spawns.

use mcp_metrics::mcp::Metered;
use mcp_metrics::testing::{record, record_async};
use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler, ServiceExt as _};
use tokio::runtime::Runtime;

use super::alone;

struct Adder;

impl ServerHandler for Adder {
    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::success(Vec::new()).into())
    }
}

/// Calls the tool `add` of a server on this runtime.
async fn call() {
    let (server, client) = tokio::io::duplex(4096);
    let server = Metered::new(Adder).agent("adder").serve(server);
    let (server, client) = tokio::join!(server, ().serve(client));
    let (_server, client) = (server.expect("starts"), client.expect("connects"));
    let called = client.call_tool(CallToolRequestParams::new("add"));
    called.await.expect("the tool exists");
}

fn current_thread() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.build().expect("a runtime")
}

const OPERATIONS: &str = "mcp_server_operation_duration_seconds";

#[test]
fn operations_of_a_served_handler_are_lost() {
    let _alone = alone();
    let ((), metrics) = current_thread().block_on(record_async(call()));
    let calls = [("mcp_method_name", "tools/call")];
    assert_eq!(metrics.histogram(OPERATIONS, &calls).count, 0);
    assert_eq!(metrics.requests("adder", "add").total, 0);
    let lost = metrics.lost().series;
    let is_lost = |family: &str, label: &str| {
        let is_it = |name: &&String| name.starts_with(family) && name.contains(label);
        lost.iter().filter(is_it).count() == 1
    };
    assert!(
        is_lost(OPERATIONS, r#"mcp_method_name="tools/call""#),
        "{lost:?}"
    );
    assert!(is_lost("mcp_hub_requests_total", "adder"), "{lost:?}");
}

#[test]
fn recording_around_a_current_thread_runtime_includes_its_tasks() {
    let _alone = alone();
    let ((), metrics) = record(|| current_thread().block_on(call()));
    let calls = [("mcp_method_name", "tools/call")];
    assert_eq!(metrics.histogram(OPERATIONS, &calls).count, 1);
    metrics.requests("adder", "add").assert(1, &[]);
    assert_eq!(metrics.lost().count, 0);
}
