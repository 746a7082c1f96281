//! The exporter's own server: a listener on a thread of its own.

use std::io;
use std::net::{SocketAddr, TcpListener};
#[cfg(feature = "tls")]
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use socket2::{Domain, Socket, Type};
use tokio::sync::oneshot;

use super::accept_loop::AcceptLoop;
use super::connection_service::ConnectionService;
use super::eviction::Connections;
use super::limits::Limits;
use super::scrape::MAX_RENDERS;

/// The length of the accept queue. A burst of connections overflows the standard library's 128,
/// and a client whose connection does not fit retries only a second later.
const BACKLOG: i32 = 1_024;

/// The threads for blocking work: one for each render, for a password check, and for reloading
/// secrets and TLS files.
const BLOCKING_THREADS: usize = MAX_RENDERS + 3;

/// A listener that is bound but does not accept connections yet.
#[derive(Debug)]
pub(crate) struct BoundListener {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
    #[cfg(feature = "tls")]
    tls: Option<super::Acceptor>,
}

impl BoundListener {
    /// Binds `address` and starts to listen.
    pub(crate) fn new(address: SocketAddr, limits: Limits) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        // Like the standard library: a port can be bound again immediately. On Windows, the option
        // would allow binding a port that another process is using.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        let listener = TcpListener::from(socket);
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            address,
            limits,
            #[cfg(feature = "tls")]
            tls: None,
        })
    }

    /// Sets the TLS acceptor; `None` serves plain HTTP.
    #[cfg(feature = "tls")]
    pub(crate) fn with_tls(mut self, tls: Option<super::Acceptor>) -> Self {
        self.tls = tls;
        self
    }

    /// Serves `routes` on a thread of its own until [`Listener::shutdown`].
    pub(crate) fn serve(self, routes: Router) -> io::Result<Listener> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_name("mcp-metrics-render")
            .max_blocking_threads(BLOCKING_THREADS)
            .build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(self.listener)?
        };
        let accept_loop = AcceptLoop {
            listener,
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
            address: self.address,
            stop,
            thread,
        })
    }
}

/// A listener that serves on its own thread. Dropping it leaves the thread running.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Listener {
    /// Returns the bound address, with the port that the system chose for port 0.
    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.address
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
