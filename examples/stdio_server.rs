//! An MCP server over standard input and output, and how to reach its metrics.
//!
//! ```text
//! cargo run --bin stdio_server            # started by an MCP client
//! ```
//!
//! The standard output belongs to the protocol, so the log goes to the standard error. Clients start
//! a process for each session: the metrics have a free port, whose address is in the log. For
//! Prometheus, push the metrics to a Pushgateway instead, as `batch_job.rs` does.

use std::{error::Error, io};

use mcp_metrics::{Exporter, mcp::Metered};
use rmcp::handler::server::{router::tool::ToolRouter, wrapper::Parameters};
use rmcp::{
    ServerHandler, ServiceExt, schemars, tool, tool_handler, tool_router, transport::stdio,
};

/// The arguments of `add`.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Summands {
    /// The first summand.
    a: i64,
    /// The second summand.
    b: i64,
}

/// The server.
struct Calculator {
    tools: ToolRouter<Self>,
}

#[tool_router]
impl Calculator {
    /// Adds two numbers.
    #[tool]
    async fn add(&self, Parameters(Summands { a, b }): Parameters<Summands>) -> String {
        a.saturating_add(b).to_string()
    }
}

#[tool_handler(router = self.tools, name = "calculator")]
impl ServerHandler for Calculator {}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let exporter = Exporter::builder()
        .app("calculator", env!("CARGO_PKG_VERSION"))
        .listen(([127, 0, 0, 1], 0))
        .install()?;
    if let Some(address) = exporter.local_addr() {
        tracing::info!("metrics at http://{address}/metrics");
    }
    let tools = Calculator::tool_router();
    // The line that records all requests, sessions and notifications.
    let server = Metered::new(Calculator { tools }).supervised();
    let service = server.serve(stdio()).await?;
    service.waiting().await?;
    exporter.shutdown();
    Ok(())
}
