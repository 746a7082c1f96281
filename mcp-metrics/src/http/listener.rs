//! The exporter's own server: a listener thread with limits on its connections.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tower_service::Service as _;

use super::connection::{Activity, TrackedBody, WriteDeadline};
use super::connections::Connections;

/// How long a shutdown waits for requests in flight.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// The shortest and the longest backoff after a failed `accept`. Without free file descriptors,
/// `accept` fails immediately each time, and retrying at once would keep a CPU busy.
const ACCEPT_BACKOFF: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];

/// How often to look for an evictable connection while at the limit.
const RECHECK_INTERVAL: Duration = Duration::from_millis(50);

/// The length of the accept queue. A burst of connections overflows the standard library's 128,
/// and a client whose connection does not fit retries only a second later.
const BACKLOG: i32 = 1_024;

/// The maximum size of a request head, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// The limits of a listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The maximum number of open connections.
    pub(crate) connections: usize,
    /// The deadline for receiving a request, and for answering it.
    pub(crate) timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            timeout: Duration::from_secs(30),
        }
    }
}

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
            // One for the render of each format, and one for a password check.
            .max_blocking_threads(4)
            .build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(self.listener)?
        };
        let server = Server {
            listener,
            service: ConnectionService {
                app: routes.fallback(not_found),
                timeout: self.limits.timeout,
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
            .spawn(move || runtime.block_on(server.run(stopped)))?;
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
    /// [`SHUTDOWN_GRACE`].
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

struct Server {
    listener: tokio::net::TcpListener,
    service: ConnectionService,
    connections: Connections,
}

impl Server {
    /// Accepts and serves connections until `stopped`, then waits for the requests in flight.
    async fn run(mut self, stopped: impl Future<Output = ()>) {
        let mut stopped = pin!(stopped);
        let graceful = GracefulShutdown::new();
        let mut backoff = ACCEPT_BACKOFF[0];
        loop {
            let has_room = self.connections.has_room();
            let accepted = tokio::select! {
                biased;
                () = &mut stopped => break,
                () = self.connections.ended() => continue,
                accepted = self.listener.accept(), if has_room => accepted,
                () = tokio::time::sleep(RECHECK_INTERVAL), if !has_room => continue,
            };
            match accepted {
                Ok((stream, peer)) => {
                    backoff = ACCEPT_BACKOFF[0];
                    let activity = Activity::new(self.service.timeout);
                    let serve = self.service.clone().serve(
                        stream,
                        peer,
                        Arc::clone(&activity),
                        graceful.watcher(),
                    );
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
        drop(self.listener);
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

/// The routes and settings with which a connection is served.
#[derive(Clone)]
struct ConnectionService {
    app: Router,
    timeout: Duration,
    #[cfg(feature = "tls")]
    tls: Option<Arc<super::Acceptor>>,
}

impl ConnectionService {
    /// Serves a connection until it is closed, after a TLS handshake if TLS is configured.
    async fn serve(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        activity: Arc<Activity>,
        watcher: Watcher,
    ) {
        // A response takes one or two writes; the second must not wait for the ACK of the first.
        let _ = stream.set_nodelay(true);
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let handshake = tokio::time::timeout(self.timeout, tls.accept(stream));
            match handshake.await {
                Ok(Ok(stream)) => self.serve_stream(stream, peer, activity, watcher).await,
                Ok(Err(error)) => tracing::debug!(%peer, %error, "TLS handshake failed"),
                Err(_) => tracing::debug!(%peer, "TLS handshake timed out"),
            }
            return;
        }
        self.serve_stream(stream, peer, activity, watcher).await;
    }

    /// Serves HTTP/1.1 on a stream.
    async fn serve_stream<S>(
        self,
        stream: S,
        peer: SocketAddr,
        activity: Arc<Activity>,
        watcher: Watcher,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { app, timeout, .. } = self;
        let io = TokioIo::new(WriteDeadline::new(stream, Arc::clone(&activity)));
        let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
            activity.begin();
            let activity = Arc::clone(&activity);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = app.clone().call(request);
            async move {
                let response = response.await?;
                Ok::<_, std::convert::Infallible>(
                    response.map(|body| TrackedBody::new(body, activity)),
                )
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // Also limits how long an idle connection is kept open.
            .header_read_timeout(timeout)
            .max_buf_size(MAX_HEAD)
            .serve_connection(io, service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%peer, %error, "metrics endpoint connection failed");
        }
    }
}
