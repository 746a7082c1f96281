//! A server with tools of every kind, and a client that is connected to it.

use std::borrow::Cow;

use mcp_metrics::mcp::Metered;
use rmcp::handler::server::router::prompt::PromptRouter;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ContentBlock, ErrorData, PromptMessage,
    ReadResourceRequestParams, ReadResourceResponse, Role,
};
use rmcp::service::{RequestContext, RunningService};
use rmcp::{
    RoleClient, RoleServer, ServerHandler, ServiceExt as _, prompt, prompt_handler, prompt_router,
    schemars, tool, tool_handler, tool_router,
};
use tokio::sync::mpsc::UnboundedSender;

/// A server whose tools end in every way.
#[derive(Clone)]
pub(crate) struct Hub {
    tools: ToolRouter<Self>,
    prompts: PromptRouter<Self>,
    /// Receives the name of each slow tool that starts, and `dropped` when a slow tool is dropped
    /// before it ends.
    events: Option<UnboundedSender<&'static str>>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Text {
    text: String,
}

/// Reports that it is dropped.
struct Dropped(Option<UnboundedSender<&'static str>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        if let Some(events) = &self.0 {
            let _ = events.send("dropped");
        }
    }
}

#[tool_router]
impl Hub {
    pub(crate) fn new() -> Self {
        Self {
            tools: Self::tool_router(),
            prompts: Self::prompt_router(),
            events: None,
        }
    }

    /// Reports what slow tools do.
    pub(crate) fn with_events(events: UnboundedSender<&'static str>) -> Self {
        Self {
            events: Some(events),
            ..Self::new()
        }
    }

    fn started(&self, tool: &'static str) -> Dropped {
        if let Some(events) = &self.events {
            events.send(tool).expect("the test receives events");
        }
        Dropped(self.events.clone())
    }

    #[tool(description = "Returns a text")]
    async fn fast(&self) -> String {
        "done".to_owned()
    }

    #[tool(description = "Returns its argument")]
    async fn echo(&self, Parameters(Text { text }): Parameters<Text>) -> String {
        text
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
        panic!("{}", mcp_metrics_tests::PROVOKED)
    }

    #[tool(description = "Ignores its cancellation")]
    async fn deaf(&self) -> String {
        let _dropped = self.started("deaf");
        std::future::pending().await
    }

    #[tool(description = "Ends at its cancellation")]
    async fn cancellable(&self, context: RequestContext<RoleServer>) -> String {
        let dropped = self.started("cancellable");
        context.ct.cancelled().await;
        std::mem::forget(dropped);
        "cancelled".to_owned()
    }
}

#[prompt_router]
impl Hub {
    #[prompt(description = "A greeting")]
    async fn greeting(&self) -> Vec<PromptMessage> {
        vec![PromptMessage::new_text(Role::User, "hello")]
    }
}

#[tool_handler(router = self.tools)]
#[prompt_handler(router = self.prompts)]
impl ServerHandler for Hub {
    async fn read_resource(
        &self,
        _: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Err(ErrorData::resource_not_found("no such resource", None))
    }
}

pub(crate) type Client = RunningService<RoleClient, ()>;
pub(crate) type Server<S> = RunningService<RoleServer, Metered<S>>;

/// Connects a client to a server over a duplex stream.
pub(crate) async fn connect<S: ServerHandler>(server: Metered<S>) -> (Server<S>, Client) {
    let (server_stream, client_stream) = tokio::io::duplex(64 * 1024);
    let (server, client) = tokio::join!(server.serve(server_stream), ().serve(client_stream));
    (
        server.expect("the server starts"),
        client.expect("the client connects"),
    )
}

/// The parameters of a call without arguments.
pub(crate) fn call(tool: impl Into<Cow<'static, str>>) -> CallToolRequestParams {
    CallToolRequestParams::new(tool)
}
