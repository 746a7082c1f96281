//! The HTTP endpoint: routes, formats, access control, TLS and limits.

mod access;
mod addresses;
mod connections;
mod files;
#[cfg(unix)]
mod fork;
mod formats;
mod half_close;
mod hooks;
mod keep_alive;
mod limits;
mod paths;
mod requests;
mod rotation;
mod routes;
mod tls;
mod tls_errors;
#[cfg(unix)]
mod unix_socket;

use std::error::Error;
use std::net::SocketAddr;

use mcp_metrics::{Exporter, ExporterBuilder};
use mcp_metrics_tests::exporter;

/// Returns the address of this process's exporter.
fn address() -> SocketAddr {
    exporter().local_addr().expect("the exporter listens")
}

/// Builds an exporter with a listener, and returns it with its address.
fn serve(configure: impl FnOnce(ExporterBuilder) -> ExporterBuilder) -> (Exporter, SocketAddr) {
    let builder = Exporter::builder().listen(([127, 0, 0, 1], 0));
    let (_, exporter) = configure(builder).build().unwrap();
    let address = exporter.local_addr().unwrap();
    (exporter, address)
}

/// Joins the messages of an error and of its sources.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
