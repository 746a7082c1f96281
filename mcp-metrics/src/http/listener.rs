//! The exporter's own server: a listener on a thread of its own.

use std::io;
use std::net::SocketAddr;
#[cfg(feature = "tls")]
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use tokio::sync::oneshot;

use super::accept_loop::AcceptLoop;
use super::bind::{BindError, BoundSocket, ListenAddress};
use super::connection_service::ConnectionService;
use super::eviction::Connections;
use super::limits::Limits;
use super::scrape::MAX_RENDERS;
use super::sockets::Socket;

/// The threads for blocking work: one for each render, for a password check, and for reloading
/// secrets and TLS files.
const BLOCKING_THREADS: usize = MAX_RENDERS + 3;

/// A listener that is bound but does not accept connections yet.
#[derive(Debug)]
pub(crate) struct BoundListener {
    sockets: Vec<BoundSocket>,
    limits: Limits,
    #[cfg(feature = "tls")]
    tls: Option<super::Acceptor>,
}

impl BoundListener {
    /// Binds the addresses and starts to listen.
    pub(crate) fn new(addresses: &[ListenAddress], limits: Limits) -> Result<Self, BindError> {
        Ok(Self {
            sockets: BoundSocket::bind_all(addresses)?,
            limits,
            #[cfg(feature = "tls")]
            tls: None,
        })
    }

    /// Sets the TLS acceptor of the TCP sockets; `None` serves plain HTTP.
    #[cfg(feature = "tls")]
    pub(crate) fn with_tls(mut self, tls: Option<super::Acceptor>) -> Self {
        self.tls = tls;
        self
    }

    /// Returns the bound TCP addresses.
    pub(crate) fn local_addrs(&self) -> Vec<SocketAddr> {
        self.sockets
            .iter()
            .filter_map(BoundSocket::local_addr)
            .collect()
    }

    /// Serves `routes` on a thread of its own until [`Listener::shutdown`].
    pub(crate) fn serve(self, routes: Router) -> io::Result<Listener> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_name("mcp-metrics-render")
            .max_blocking_threads(BLOCKING_THREADS)
            .build()?;
        let addresses = self.local_addrs();
        let mut sockets = Vec::new();
        {
            let _context = runtime.enter();
            for socket in self.sockets {
                sockets.push(match socket {
                    BoundSocket::Tcp(listener, address) => {
                        tracing::info!(%address, "metrics endpoint started");
                        Socket::Tcp(tokio::net::TcpListener::from_std(listener)?)
                    }
                    #[cfg(unix)]
                    BoundSocket::Unix(socket) => {
                        let path = socket.file.path().display();
                        tracing::info!(%path, "metrics endpoint started");
                        Socket::Unix {
                            listener: tokio::net::UnixListener::from_std(socket.listener)?,
                            _file: socket.file,
                        }
                    }
                });
            }
        }
        let accept_loop = AcceptLoop {
            sockets,
            service: ConnectionService {
                app: routes.fallback(not_found),
                limits: self.limits,
                #[cfg(feature = "tls")]
                tls: self.tls.map(Arc::new),
            },
            connections: Connections::new(self.limits.connections),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async move {
            // The sender was dropped: dropping an exporter does not stop its listener.
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let thread = thread::Builder::new()
            .name("mcp-metrics-http".into())
            .spawn(move || {
                runtime.block_on(accept_loop.run(stopped));
                // Dropping the runtime would wait for hooks of `on_scrape` that hang.
                runtime.shutdown_background();
            })?;
        Ok(Listener {
            addresses,
            stop,
            thread,
        })
    }
}

/// A listener that serves on its own thread. Dropping it leaves the thread running.
#[derive(Debug)]
pub(crate) struct Listener {
    addresses: Vec<SocketAddr>,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Listener {
    /// Returns the bound TCP addresses, with the ports that the system chose for port 0.
    pub(crate) fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Closes the listener and waits until the requests in flight are answered, for at most
    /// [`SHUTDOWN_GRACE`](super::accept_loop::SHUTDOWN_GRACE).
    pub(crate) fn shutdown(self) {
        // Both fail only if the thread has panicked, so it has ended already.
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

async fn not_found() -> impl IntoResponse {
    (
        StatusCode::NOT_FOUND,
        "not found; the metrics are at /metrics\n",
    )
}
