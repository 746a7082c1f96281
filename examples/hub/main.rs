//! An MCP hub with metrics: six agents behind one MCP endpoint, and the routes of `mcp-metrics` on
//! the same port.
//!
//! ```text
//! cargo run -p mcp-metrics-examples --bin hub -- --demo-traffic
//! curl http://127.0.0.1:7860/metrics
//! ```
//!
//! [`agents`] contains the agents with their `#[tracked]` attributes, [`server`] exposes them as
//! MCP tools and serves HTTP, and [`demo`] is a client that generates traffic.

mod agents;
mod cli;
mod demo;
mod health;
mod local;
mod logging;
mod server;

use std::{process::ExitCode, sync::Arc, time::Duration};

use clap::Parser;
use mcp_metrics::Exporter;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::{agents::Agents, cli::Cli, server::Hub};

/// An error that prevents the hub from starting or makes it exit.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Sampling interval of the CPU, memory and disk gauges.
const SYSTEM_INTERVAL: Duration = Duration::from_secs(5);
/// Time that the demo has to close its sessions at shutdown.
const DEMO_GRACE: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    logging::init();
    let done = if cli.check_health {
        health::check(cli.listen).await
    } else {
        run(cli).await
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            error!("{}", with_sources(&*failure));
            ExitCode::FAILURE
        }
    }
}

/// Returns an error's message and those of its sources.
fn with_sources(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    let messages: Vec<_> = sources.map(ToString::to_string).collect();
    messages.join(": ")
}

/// Starts the hub, serves until a signal arrives, and shuts down.
async fn run(cli: Cli) -> Result<(), Failure> {
    // Bind first, so that a port in use is reported before anything else starts.
    let listener = server::http::bind(cli.listen).await?;
    let address = listener.local_addr()?;

    let exporter = Exporter::builder()
        .app("mcp-hub", env!("CARGO_PKG_VERSION"))
        .namespace(&cli.namespace)
        .system_interval(SYSTEM_INTERVAL)
        .status_page()
        .install()?;

    let agents = Arc::new(Agents::new(&cli)?);
    let hub = Hub::new(Arc::clone(&agents), exporter.clone(), cli.test_tools);
    let stop_server = CancellationToken::new();
    let routes = server::http::routes(hub, &exporter, address, &cli.allow_host, &stop_server);

    info!("agents ready: {}", agents.describe());
    info!("MCP (streamable HTTP):      http://{address}/mcp");
    info!("status page:                http://{address}/");
    info!("metrics:                    http://{address}/metrics");
    info!("metrics (alternative path): http://{address}/api/get_prometheus_metrics_service");
    info!("health:                     http://{address}/health");
    let stop = server::signals::watch();
    let demo = cli
        .demo_traffic
        .then(|| demo::spawn(address, &agents, stop.clone()));
    info!("press Ctrl-C to stop");

    let sequence = stop_server.clone();
    tokio::spawn(async move {
        stop.cancelled().await;
        // The demo stops first, so that it can close its sessions while the server still responds.
        if let Some(demo) = demo {
            let _ = tokio::time::timeout(DEMO_GRACE, demo).await;
        }
        sequence.cancel();
    });
    let served = server::http::serve(listener, routes, stop_server).await;
    exporter.shutdown();
    info!("stopped");
    served
}
