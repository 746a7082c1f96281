//! The HTTP server for MCP and metrics: binding, routes and shutdown.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use axum::{Router, serve::ListenerExt};
use mcp_metrics::{Exporter, mcp};
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::Failure;

use super::Hub;

/// Time that calls in flight have to complete after the stop signal.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// Host names that browsers and clients on this machine may use for the hub.
const LOCAL_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// An error while binding the listener.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    /// The port is in use.
    #[error(
        "cannot listen on {0}: the port is in use; choose another one with --listen, or port 0 for \
         any free port"
    )]
    InUse(SocketAddr),
    /// Any other error.
    #[error("cannot listen on {0}")]
    Other(SocketAddr, #[source] io::Error),
}

/// Binds the listener.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse(address),
            _ => BindError::Other(address, error),
        })
}

/// Returns the routes: MCP at `/mcp`, and those of the exporter.
pub(crate) fn routes(
    hub: Hub,
    exporter: &Exporter,
    address: SocketAddr,
    more_hosts: &[String],
    stop: &CancellationToken,
) -> Router {
    let config = StreamableHttpServerConfig::default()
        .with_allowed_hosts(allowed_hosts(address.ip(), more_hosts))
        // Web pages served from this machine, such as an MCP inspector, may call the hub; others
        // may not.
        .with_allowed_origins(LOCAL_HOSTS.map(|host| format!("http://{host}:*")))
        .with_cancellation_token(stop.child_token());
    // Records all requests, sessions and responses. Supervision drops cancelled calls and answers
    // panics, which rmcp leaves to the server. Abandoned sessions expire after five idle minutes.
    let mcp = mcp::streamable_http(move || Ok(hub.clone()), config).supervised();
    Router::new()
        .nest_service("/mcp", mcp)
        .merge(exporter.router())
}

/// Returns the `Host` header values that MCP requests may have. The check prevents DNS rebinding: a
/// web page that rebinds its own host name to a local address still sends that name.
fn allowed_hosts(listening: IpAddr, more: &[String]) -> Vec<String> {
    let mut hosts: Vec<String> = LOCAL_HOSTS.map(str::to_owned).to_vec();
    if listening.is_unspecified() {
        if more.is_empty() {
            warn!(
                "listening on all addresses, but MCP requests are accepted only for {}; add other \
                 host names with --allow-host",
                LOCAL_HOSTS.join(", "),
            );
        }
    } else {
        hosts.push(match listening {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        });
    }
    hosts.extend(more.iter().cloned());
    hosts
}

/// Serves until the token is cancelled, then waits a grace period for calls in flight.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Router,
    stop: CancellationToken,
) -> Result<(), Failure> {
    // Messages are small. Nagle's algorithm would delay each call by about 40 ms.
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    let server = axum::serve(listener, routes)
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(SHUTDOWN_GRACE).await;
    };
    tokio::select! {
        ended = server => ended?,
        () = overdue => warn!(
            grace_seconds = SHUTDOWN_GRACE.as_secs(),
            "connections still open after the shutdown grace period",
        ),
    }
    Ok(())
}
