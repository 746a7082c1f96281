//! The exporter's own server: a thread that accepts connections, and limits on them.

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

use super::connection::{Activity, Answer, Timed};
use super::connections::Connections;

/// How long a shutdown waits for scrapes under way.
const GRACE: Duration = Duration::from_secs(5);

/// How long accepting pauses after an error, first and at most. Out of file descriptors, accepting
/// fails at once and for as long as there are none.
const PAUSE: [Duration; 2] = [Duration::from_millis(10), Duration::from_secs(1)];

/// How long a full house waits before it looks again for somebody who can go.
const FULL: Duration = Duration::from_millis(50);

/// How many connections wait to be accepted. The standard library's 128 are filled in a moment by
/// clients that come all at once, and the next one has to try again, a second later.
const BACKLOG: i32 = 1_024;

/// The largest request head, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// What the listener allows its clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at a time.
    pub(crate) connections: usize,
    /// For a request to come, and for its answer to be taken.
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

/// A listener that has its port but accepts no connections yet.
#[derive(Debug)]
pub(crate) struct BoundListener {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
    #[cfg(feature = "tls")]
    tls: Option<super::Acceptor>,
}

impl BoundListener {
    /// Binds the port.
    pub(crate) fn new(address: SocketAddr, limits: Limits) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        // As the standard library has it: a port may be taken again at once. On Windows it would
        // be taken from whoever has it.
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
            // One render for each format, and one password.
            .max_blocking_threads(4)
            .build()?;
        let listener = {
            let _context = runtime.enter();
            tokio::net::TcpListener::from_std(self.listener)?
        };
        let server = Server {
            listener,
            client: Client {
                app: routes.fallback(not_found),
                timeout: self.limits.timeout,
                #[cfg(feature = "tls")]
                tls: self.tls.map(Arc::new),
            },
            connections: Connections::new(self.limits.connections),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async move {
            // The handle was dropped: dropping an exporter stops nothing.
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
    /// [`GRACE`].
    pub(crate) fn shutdown(self) {
        // Both fail only if the thread panicked: it has ended as well.
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
    client: Client,
    connections: Connections,
}

impl Server {
    /// Serves until it is told to stop, and then what is under way.
    async fn run(mut self, stopped: impl Future<Output = ()>) {
        let mut stopped = pin!(stopped);
        let graceful = GracefulShutdown::new();
        let mut pause = PAUSE[0];
        loop {
            let has_room = self.connections.has_room();
            let accepted = tokio::select! {
                biased;
                () = &mut stopped => break,
                () = self.connections.ended() => continue,
                accepted = self.listener.accept(), if has_room => accepted,
                () = tokio::time::sleep(FULL), if !has_room => continue,
            };
            match accepted {
                Ok((stream, peer)) => {
                    pause = PAUSE[0];
                    let activity = Activity::new(self.client.timeout);
                    let serve = self.client.clone().serve(
                        stream,
                        peer,
                        Arc::clone(&activity),
                        graceful.watcher(),
                    );
                    self.connections.add(serve, activity);
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    if pause == PAUSE[0] {
                        tracing::error!(%error, "the metrics endpoint cannot accept connections");
                    }
                    // One fewer of ours may be all that is missing.
                    self.connections.make_room();
                    tokio::select! {
                        () = &mut stopped => break,
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(PAUSE[1]);
                }
            }
        }
        drop(self.listener);
        if tokio::time::timeout(GRACE, graceful.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("a client kept its scrape open; closing anyway");
        }
    }
}

/// Whether accepting failed because a client left before it was accepted.
fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// What serves a client.
#[derive(Clone)]
struct Client {
    app: Router,
    timeout: Duration,
    #[cfg(feature = "tls")]
    tls: Option<Arc<super::Acceptor>>,
}

impl Client {
    /// Serves a connection to its end.
    async fn serve(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        activity: Arc<Activity>,
        watcher: Watcher,
    ) {
        // An answer is one or two writes; none is to wait for the one before it to be confirmed.
        let _ = stream.set_nodelay(true);
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            let handshake = tokio::time::timeout(self.timeout, tls.accept(stream));
            match handshake.await {
                Ok(Ok(stream)) => self.talk(stream, peer, activity, watcher).await,
                Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS with a client"),
                Err(_) => tracing::debug!(%peer, "a client did not finish its TLS handshake"),
            }
            return;
        }
        self.talk(stream, peer, activity, watcher).await;
    }

    async fn talk<S>(self, stream: S, peer: SocketAddr, activity: Arc<Activity>, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { app, timeout, .. } = self;
        let io = TokioIo::new(Timed::new(stream, Arc::clone(&activity)));
        let service = hyper::service::service_fn(move |request: Request<hyper::body::Incoming>| {
            activity.begin();
            let activity = Arc::clone(&activity);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = app.clone().call(request);
            async move {
                let answer = answer.await?;
                Ok::<_, std::convert::Infallible>(answer.map(|body| Answer::new(body, activity)))
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // Also the limit of how long a connection is kept for the next request.
            .header_read_timeout(timeout)
            .max_buf_size(MAX_HEAD)
            .serve_connection(io, service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%peer, %error, "a connection of the metrics endpoint has failed");
        }
    }
}
