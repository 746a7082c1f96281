//! A small MCP client that calls tools and cancels some of the calls.

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

/// The outcome of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The tool returned a result.
    Success,
    /// The tool or the server returned an error.
    Failure,
    /// The client cancelled the call.
    Cancelled,
}

/// A session with the hub.
pub(super) struct Client {
    /// The underlying MCP session.
    session: RunningService<RoleClient, ClientConfig>,
    /// Receives the outcome of each call.
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

    /// Calls a tool. Errors of the tool are an outcome; only connection errors are returned.
    pub(super) async fn call(&self, tool: &'static str, arguments: Value) -> Result<(), Failure> {
        let outcome = match self.session.call_tool(request(tool, arguments)).await {
            Ok(result) if result.is_error == Some(true) => Outcome::Failure,
            Ok(_) => Outcome::Success,
            Err(ServiceError::McpError(_)) => Outcome::Failure,
            Err(error) => return Err(error.into()),
        };
        self.report(tool, outcome).await
    }

    /// Calls a tool and cancels the call after `timeout`, by dropping it.
    pub(super) async fn call_and_cancel(
        &self,
        tool: &'static str,
        arguments: Value,
        timeout: Duration,
    ) -> Result<(), Failure> {
        match tokio::time::timeout(timeout, self.call(tool, arguments)).await {
            Ok(ended) => ended,
            Err(_) => self.report(tool, Outcome::Cancelled).await,
        }
    }

    /// Closes the session.
    pub(super) async fn close(self) {
        // Errors are ignored: the session is broken already, or the hub is shutting down.
        let _ = self.session.cancel().await;
    }

    /// Sends an outcome to the channel.
    async fn report(&self, tool: &str, outcome: Outcome) -> Result<(), Failure> {
        debug!(tool, ?outcome, "demo call completed");
        Ok(self.outcomes.send(outcome).await?)
    }
}

/// Creates a request to call a tool; `arguments` must be an object.
fn request(tool: &'static str, arguments: Value) -> CallToolRequestParams {
    let request = CallToolRequestParams::new(tool);
    match arguments {
        Value::Object(arguments) => request.with_arguments(arguments),
        _ => request,
    }
}
