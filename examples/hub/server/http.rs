//! One HTTP server for MCP and metrics: binding, routes, shutdown.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{Router, serve::ListenerExt};
use mcp_metrics::Exporter;
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::Failure;

use super::Hub;

/// How long calls that are under way may go on after the signal to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Host names under which a browser or a client on this machine may reach the hub.
const LOCAL_HOSTS: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Why the hub can't listen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    /// Someone else does.
    #[error(
        "cannot listen on {0}: the port is in use (another hub?); choose another one with \
         --listen, or port 0 for any free one"
    )]
    InUse(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {0}: {1}")]
    Other(SocketAddr, #[source] io::Error),
}

/// Opens the port.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => BindError::InUse(address),
            _ => BindError::Other(address, error),
        })
}

/// MCP at `/mcp`, and the exporter's own routes beside it.
pub(crate) fn routes(
    hub: Hub,
    exporter: &Exporter,
    address: SocketAddr,
    more_hosts: &[String],
    stop: &CancellationToken,
) -> Router {
    let config = StreamableHttpServerConfig::default()
        .with_allowed_hosts(allowed_hosts(address.ip(), more_hosts))
        // Pages from this machine (an inspector, say) may call; pages from elsewhere may not.
        .with_allowed_origins(LOCAL_HOSTS.map(|host| format!("http://{host}:*")))
        .with_cancellation_token(stop.child_token());
    // Sessions that are left without a goodbye end after five idle minutes.
    let sessions = Arc::new(LocalSessionManager::default());
    let mcp = StreamableHttpService::new(move || Ok(hub.clone()), sessions, config);
    Router::new()
        .nest_service("/mcp", mcp)
        .merge(exporter.router())
}

/// The values of the Host header under which MCP requests are answered: a web page that rebinds
/// its own name to a local address sends that name.
fn allowed_hosts(listening: IpAddr, more: &[String]) -> Vec<String> {
    let mut hosts: Vec<String> = LOCAL_HOSTS.map(str::to_owned).to_vec();
    if listening.is_unspecified() {
        if more.is_empty() {
            warn!(
                "listening on all addresses, but MCP requests are answered only for {}; add names \
                 with --allow-host",
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

/// Serves until the token fires, then lets what is under way finish, for a while.
pub(crate) async fn serve(
    listener: TcpListener,
    routes: Router,
    stop: CancellationToken,
) -> Result<(), Failure> {
    // Small messages both ways: waiting to fill a packet would cost each call some 40 ms.
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    let server = axum::serve(listener, routes)
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server => ended?,
        () = overdue => warn!("some connections are still open after {} s", GRACE.as_secs()),
    }
    Ok(())
}
