//! The summary of an MCP server: its tools, requests in flight and sessions.

use std::sync::Arc;

use mcp_metrics::mcp::Metered;
use mcp_metrics::{Exporter, McpToolSummary, MetricsSummary};
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::model::{CallToolRequestParams, CallToolResult, ContentBlock, ErrorData};
use rmcp::{ServerHandler, ServiceExt as _, tool, tool_handler, tool_router};
use tokio::sync::Notify;

/// A server whose tool `waits` ends when it is notified.
#[derive(Clone)]
struct Server {
    started: Arc<Notify>,
    release: Arc<Notify>,
    tools: ToolRouter<Self>,
}

#[tool_router]
impl Server {
    fn new() -> Self {
        Self {
            started: Arc::default(),
            release: Arc::default(),
            tools: Self::tool_router(),
        }
    }

    #[tool(description = "Returns a text")]
    async fn works(&self) -> String {
        "done".to_owned()
    }

    #[tool(description = "Returns a result with isError")]
    async fn fails(&self) -> CallToolResult {
        CallToolResult::error(vec![ContentBlock::text("no")])
    }

    #[tool(description = "Returns a protocol error")]
    async fn breaks(&self) -> Result<String, ErrorData> {
        Err(ErrorData::internal_error("broken", None))
    }

    #[tool(description = "Returns when it is released")]
    async fn waits(&self) -> String {
        self.started.notify_one();
        self.release.notified().await;
        "done".to_owned()
    }
}

#[tool_handler(router = self.tools)]
impl ServerHandler for Server {}

fn tool<'a>(summary: &'a MetricsSummary, name: &str) -> &'a McpToolSummary {
    let server = summary.mcp_server.as_ref().expect("the server was used");
    let mut tools = server.tools.iter();
    tools
        .find(|tool| tool.tool == name)
        .expect("the tool was called")
}

#[tokio::test]
async fn summary_has_the_tools_requests_and_sessions_of_a_server() {
    let exporter = Exporter::builder().install().unwrap();
    let before = exporter.summary();
    assert_eq!(before.mcp_server, None);
    let json = serde_json::to_string(&before).unwrap();
    assert!(!json.contains("mcp_server"), "{json}");

    let server = Server::new();
    let (started, release) = (Arc::clone(&server.started), Arc::clone(&server.release));
    let (server_stream, client_stream) = tokio::io::duplex(64 * 1024);
    let (server, client) = tokio::join!(
        Metered::new(server).serve(server_stream),
        ().serve(client_stream)
    );
    let (server, client) = (server.unwrap(), client.unwrap());
    let call = |tool: &'static str| client.call_tool(CallToolRequestParams::new(tool));
    for _ in 0..3 {
        call("works").await.unwrap();
    }
    assert_eq!(call("fails").await.unwrap().is_error, Some(true));
    call("breaks").await.unwrap_err();
    call("invented").await.unwrap_err();
    let during = {
        let waiting = call("waits");
        tokio::pin!(waiting);
        tokio::select! {
            () = started.notified() => {}
            _ = &mut waiting => panic!("the tool did not wait"),
        }
        let during = exporter.summary();
        release.notify_one();
        waiting.await.unwrap();
        during
    };
    let mcp = during.mcp_server.as_ref().unwrap();
    assert_eq!(mcp.active_requests["tools/call"], 1);
    assert_eq!(mcp.active_sessions["pipe"], 1);
    assert!(mcp.tools.iter().all(|tool| tool.tool != "waits"));

    client.cancel().await.unwrap();
    server.waiting().await.unwrap();
    let after = exporter.summary();
    let mcp = after.mcp_server.as_ref().unwrap();
    let names: Vec<_> = mcp.tools.iter().map(|tool| &*tool.tool).collect();
    assert_eq!(names, ["breaks", "fails", "waits", "works"]);
    let works = tool(&after, "works");
    assert_eq!((works.calls, works.failed.len()), (3, 0));
    assert!(works.duration_seconds > 0.0);
    assert_eq!(works.buckets.len(), 14);
    assert!(works.quantile(0.5).is_some_and(|median| median <= 300.0));
    assert_eq!(tool(&after, "fails").failed["tool_error"], 1);
    assert_eq!(tool(&after, "breaks").failed["-32603"], 1);
    assert_eq!(mcp.unknown_tool_calls, 1);
    assert_eq!(mcp.active_requests["tools/call"], 0);
    assert_eq!(mcp.active_sessions["pipe"], 0);
    let [session] = &mcp.sessions[..] else {
        panic!("one client: {:?}", mcp.sessions);
    };
    assert_eq!((&*session.client_name, session.sessions), ("rmcp", 1));

    let json = serde_json::to_string(&after).unwrap();
    let read: MetricsSummary = serde_json::from_str(&json).unwrap();
    assert_eq!(read.mcp_server, after.mcp_server);
    exporter.shutdown();
}
