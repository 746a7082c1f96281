//! An MCP server for the tests with real clients: twelve tools that end in every way, prompts and
//! resources, over standard input and output or streamable HTTP, with and without `Metered`.
//!
//! Prints the addresses of its metrics and of MCP on standard error. At the end of a session over
//! standard input and output, it prints its metrics, too, because the client may wait for its exit.

mod calls;
mod handler;
mod http;
mod options;
mod tools;

use mcp_metrics::Exporter;
use std::time::Duration;

use mcp_metrics::mcp::Metered;
use rmcp::{ServerHandler, ServiceExt as _};

use self::options::{Mode, Options, Transport};
use self::tools::Hub;

fn main() {
    let options = Options::parse(std::env::args().skip(1));
    let exporter = Exporter::builder().listen(([127, 0, 0, 1], 0)).install();
    let exporter = exporter.expect("the only recorder of this process");
    let metrics = exporter.local_addr().expect("a configured address");
    eprintln!("metrics: {metrics}");

    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        match options.mode {
            Mode::Bare => serve(&options, Hub::new).await,
            Mode::Metered => serve(&options, || Metered::new(Hub::new())).await,
            Mode::Supervised => serve(&options, || Metered::new(Hub::new()).supervised()).await,
        }
    });
    // Drops the calls in flight, as the end of a program does.
    runtime.shutdown_timeout(Duration::from_secs(1));

    eprintln!("{}exit", exporter.render());
}

/// Serves until the client disconnects; over HTTP, until the process is killed.
async fn serve<S: ServerHandler>(
    options: &Options,
    handler: impl Fn() -> S + Clone + Send + Sync + 'static,
) {
    match options.transport {
        // `MeteredTransport` would wrap the transport here.
        Transport::Stdio => {
            let service = handler().serve(rmcp::transport::stdio()).await;
            if let Ok(service) = service {
                let _ = service.waiting().await;
            }
        }
        Transport::Http { stateful, json } => http::serve(handler, stateful, json).await,
    }
}
