//! A small MCP client: calls tools, and gives up on some.

use std::{net::SocketAddr, time::Duration};

use rmcp::{
    RoleClient, ServiceExt,
    model::{CallToolRequestParams, ClientConfig},
    service::{RunningService, ServiceError},
    transport::{
        StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::Value;
use tokio::sync::mpsc;
use tracing::debug;

use crate::{Failure, local};

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The tool gave a result.
    Success,
    /// The tool or the server gave an error.
    Failure,
    /// The client gave up.
    Cancelled,
}

/// One session with the hub.
pub(super) struct Client {
    /// The session.
    session: RunningService<RoleClient, ClientConfig>,
    /// Who wants to know how calls end.
    outcomes: mpsc::Sender<Outcome>,
}

impl Client {
    /// Connects to the hub.
    pub(super) async fn connect(
        hub: SocketAddr,
        outcomes: mpsc::Sender<Outcome>,
    ) -> Result<Self, Failure> {
        let http = local::client()?;
        let config = StreamableHttpClientTransportConfig::with_uri(format!("http://{hub}/mcp"));
        let transport = StreamableHttpClientTransport::with_client(http, config);
        let session = ClientConfig::default().serve(transport).await?;
        Ok(Self { session, outcomes })
    }

    /// Calls a tool. An error is one of the connection; the tool's own are an outcome.
    pub(super) async fn call(&self, tool: &'static str, arguments: Value) -> Result<(), Failure> {
        let outcome = match self.session.call_tool(request(tool, arguments)).await {
            Ok(result) if result.is_error == Some(true) => Outcome::Failure,
            Ok(_) => Outcome::Success,
            Err(ServiceError::McpError(_)) => Outcome::Failure,
            Err(error) => return Err(error.into()),
        };
        self.note(tool, outcome).await
    }

    /// Calls a tool and gives up after `patience`: dropping the call tells the hub to cancel it.
    pub(super) async fn give_up(
        &self,
        tool: &'static str,
        arguments: Value,
        patience: Duration,
    ) -> Result<(), Failure> {
        match tokio::time::timeout(patience, self.call(tool, arguments)).await {
            Ok(ended) => ended,
            Err(_) => self.note(tool, Outcome::Cancelled).await,
        }
    }

    /// Ends the session.
    pub(super) async fn close(self) {
        // It broke, or the hub is stopping: nobody is left to tell about an error.
        let _ = self.session.cancel().await;
    }

    /// Passes an outcome on.
    async fn note(&self, tool: &str, outcome: Outcome) -> Result<(), Failure> {
        debug!("demo traffic: {tool}: {outcome:?}");
        Ok(self.outcomes.send(outcome).await?)
    }
}

/// A request to call a tool with arguments, which have to be an object.
fn request(tool: &'static str, arguments: Value) -> CallToolRequestParams {
    let request = CallToolRequestParams::new(tool);
    match arguments {
        Value::Object(arguments) => request.with_arguments(arguments),
        _ => request,
    }
}
