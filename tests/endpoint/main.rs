//! The HTTP endpoint: what it answers, to whom, and what it puts up with.

mod access;
mod files;
mod formats;
mod limits;
mod routes;
mod tls;

use std::net::SocketAddr;

use mcp_metrics::{Exporter, ExporterBuilder};
use mcp_metrics_tests::exporter;

/// Where the exporter of this process listens.
fn address() -> SocketAddr {
    exporter().local_addr().expect("the exporter listens")
}

/// An exporter that listens, built with this.
fn serve(configure: impl FnOnce(ExporterBuilder) -> ExporterBuilder) -> (Exporter, SocketAddr) {
    let builder = Exporter::builder().listen(([127, 0, 0, 1], 0));
    let (_, exporter) = configure(builder).build().unwrap();
    let address = exporter.local_addr().unwrap();
    (exporter, address)
}
