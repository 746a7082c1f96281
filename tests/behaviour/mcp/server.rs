//! A server with tools of every kind, and a client that is connected to it.

use std::borrow::Cow;

use mcp_metrics::mcp::Metered;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::model::{CallToolRequestParams, CallToolResult, ContentBlock, ErrorData};
use rmcp::service::{RequestContext, RunningService};
use rmcp::{RoleClient, RoleServer, ServerHandler, ServiceExt as _, tool, tool_handler, tool_router};

/// A server whose tools end in every way.
#[derive(Clone)]
pub(crate) struct Hub {
    tools: ToolRouter<Self>,
}

#[tool_router]
impl Hub {
    pub(crate) fn new() -> Self {
        let tools = Self::tool_router();
        Self { tools }
    }

    #[tool(description = "Returns a text")]
    async fn fast(&self) -> String {
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

    #[tool(description = "Panics")]
    async fn panics(&self) -> String {
        panic!("expected")
    }

    #[tool(description = "Ignores its cancellation")]
    async fn deaf(&self) -> String {
        std::future::pending().await
    }

    #[tool(description = "Ends at its cancellation")]
    async fn cancellable(&self, context: RequestContext<RoleServer>) -> String {
        context.ct.cancelled().await;
        "cancelled".to_owned()
    }
}

#[tool_handler(router = self.tools)]
impl ServerHandler for Hub {}

pub(crate) type Client = RunningService<RoleClient, ()>;
pub(crate) type Server<S> = RunningService<RoleServer, Metered<S>>;

/// Connects a client to a server over a duplex stream.
pub(crate) async fn connect<S: ServerHandler>(server: Metered<S>) -> (Server<S>, Client) {
    let (server_stream, client_stream) = tokio::io::duplex(64 * 1024);
    let (server, client) = tokio::join!(server.serve(server_stream), ().serve(client_stream));
    (server.expect("the server starts"), client.expect("the client connects"))
}

/// The parameters of a call without arguments.
pub(crate) fn call(tool: impl Into<Cow<'static, str>>) -> CallToolRequestParams {
    CallToolRequestParams::new(tool)
}
