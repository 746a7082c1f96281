//! A working MCP hub with metrics: six agents behind one MCP endpoint, and the Prometheus routes of
//! `mcp-metrics` on the same port.
//!
//! ```text
//! cargo run -p mcp-metrics-examples --bin hub -- --demo-traffic
//! curl http://127.0.0.1:7860/metrics
//! ```
//!
//! Where to look: [`agents`] do the work and carry the `#[tracked]` attributes, [`server`] turns
//! them into MCP tools and serves HTTP, [`demo`] is a client that keeps the hub busy.

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

/// Everything that can stop the hub from starting, or from running on.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How often the CPU, memory and disk gauges are refreshed.
const SYSTEM_INTERVAL: Duration = Duration::from_secs(5);
/// How long the demo may take to end its sessions.
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
            error!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Starts everything, serves until a signal arrives, and stops everything again.
async fn run(cli: Cli) -> Result<(), Failure> {
    // The port first: if it is taken there is nothing to set up or to tear down.
    let listener = server::http::bind(cli.listen).await?;
    let address = listener.local_addr()?;

    let exporter = Exporter::builder()
        .app("mcp-hub", env!("CARGO_PKG_VERSION"))
        .system_interval(SYSTEM_INTERVAL)
        .status_page()
        .install()?;

    let agents = Arc::new(Agents::new(&cli)?);
    let hub = Hub::new(Arc::clone(&agents), exporter.clone(), cli.test_tools);
    let stop_server = CancellationToken::new();
    let routes = server::http::routes(hub, &exporter, address, &cli.allow_host, &stop_server);

    info!("agents ready: {}", agents.describe());
    info!("MCP (streamable HTTP): http://{address}/mcp");
    info!("status page:           http://{address}/");
    info!("metrics:               http://{address}/metrics");
    info!("metrics, hub path:     http://{address}/api/get_prometheus_metrics_service");
    info!("health:                http://{address}/health");
    let stop = server::signals::watch();
    let demo = cli
        .demo_traffic
        .then(|| demo::spawn(address, &agents, stop.clone()));
    info!("stop with Ctrl-C");

    let sequence = stop_server.clone();
    tokio::spawn(async move {
        stop.cancelled().await;
        // The demo first, so that it can say goodbye to a server that still answers.
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
