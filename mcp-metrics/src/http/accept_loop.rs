//! Accepts connections, within the limit.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::server::graceful::GracefulShutdown;

use super::connection::Activity;
use super::connection_service::ConnectionService;
use super::eviction::Connections;
use super::sockets::{self, Socket};

/// How long a shutdown waits for requests in flight.
pub(super) const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// The shortest and the longest backoff after a failed `accept`. Without free file descriptors,
/// `accept` fails immediately each time, and retrying at once would keep a CPU busy.
const ACCEPT_BACKOFF: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];

/// How often to look for an evictable connection while at the limit.
const RECHECK_INTERVAL: Duration = Duration::from_millis(50);

/// Sockets that accept connections.
pub(super) struct AcceptLoop {
    pub(super) sockets: Vec<Socket>,
    pub(super) service: ConnectionService,
    pub(super) connections: Connections,
}

impl AcceptLoop {
    /// Accepts and serves connections until `stopped`, then waits for the requests in flight.
    pub(super) async fn run(mut self, stopped: impl Future<Output = ()>) {
        let mut stopped = pin!(stopped);
        let graceful = GracefulShutdown::new();
        let mut backoff = ACCEPT_BACKOFF[0];
        let mut next = 0;
        loop {
            let has_room = self.connections.has_room();
            let accepted = tokio::select! {
                biased;
                () = &mut stopped => break,
                () = self.connections.ended() => continue,
                accepted = sockets::accept(&self.sockets, &mut next), if has_room => accepted,
                () = tokio::time::sleep(RECHECK_INTERVAL), if !has_room => continue,
            };
            match accepted {
                Ok(stream) => {
                    backoff = ACCEPT_BACKOFF[0];
                    let activity = Activity::new(self.service.limits.timeouts());
                    let service = self.service.clone();
                    let serve = service.serve(stream, Arc::clone(&activity), graceful.watcher());
                    self.connections.add(serve, activity);
                }
                Err(error) if is_client_error(&error) => {}
                Err(error) => {
                    if backoff == ACCEPT_BACKOFF[0] {
                        tracing::error!(%error, "metrics endpoint failed to accept connections");
                    }
                    // An eviction may free the file descriptor that `accept` needs.
                    self.connections.make_room();
                    tokio::select! {
                        () = &mut stopped => break,
                        () = tokio::time::sleep(backoff) => {}
                    }
                    backoff = (backoff * 2).min(ACCEPT_BACKOFF[1]);
                }
            }
        }
        drop(self.sockets);
        if tokio::time::timeout(SHUTDOWN_GRACE, graceful.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("shutdown timed out; closing connections with requests in flight");
        }
    }
}

/// Returns whether `accept` failed because the client disconnected, which needs no backoff.
fn is_client_error(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}
