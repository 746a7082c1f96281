//! Serves a connection: the TLS handshake, then HTTP/1.1.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tower_service::Service as _;

use super::connection::{Activity, TrackedBody};
use super::limits::Limits;
use super::peer_state::PeerState;
use super::request_check;
use super::sockets::{Peer, Stream};
use super::timed_stream::TimedStream;
#[cfg(feature = "tls")]
use super::tls::Handshake;

/// The maximum size of a request head, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// The response to a request of plain HTTP on a TLS socket.
#[cfg(feature = "tls")]
const PLAIN_HTTP: &str = "this is an HTTPS endpoint; use `https://`, or `scheme: https` in the \
                          scrape configuration of Prometheus\n";

/// The deadline of a response, in the extensions of the listener's requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResponseDeadline(pub(super) Instant);

/// Marks requests over a Unix socket, whose clients have no network address.
#[cfg(unix)]
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalClient;

/// The routes and settings with which a connection is served.
#[derive(Clone)]
pub(super) struct ConnectionService {
    pub(super) app: Router,
    pub(super) limits: Limits,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Arc<super::Acceptor>>,
}

impl ConnectionService {
    /// Serves a connection until it is closed, after a TLS handshake if TLS is configured.
    pub(super) async fn serve(self, stream: Stream, activity: Arc<Activity>, watcher: Watcher) {
        let (stream, address) = match stream {
            Stream::Tcp(stream, address) => (stream, address),
            #[cfg(unix)]
            Stream::Unix(stream) => {
                self.serve_stream(stream, Peer::Unix, activity, watcher)
                    .await;
                return;
            }
        };
        // A response takes one or two writes; the second must not wait for the ACK of the first.
        let _ = stream.set_nodelay(true);
        let peer = Peer::Tcp(address);
        #[cfg(feature = "tls")]
        if let Some(tls) = self.tls.clone() {
            match tls.accept(stream, address, self.limits.timeout).await {
                Handshake::Complete(stream) => {
                    self.serve_stream(*stream, peer, activity, watcher).await;
                }
                Handshake::PlainHttp(stream) => {
                    let refuse = async || request_check::bad_request(PLAIN_HTTP);
                    let app = Router::new().fallback(refuse);
                    let service = Self { app, ..self };
                    service.serve_stream(stream, peer, activity, watcher).await;
                }
                Handshake::Failed => {}
            }
            return;
        }
        self.serve_stream(stream, peer, activity, watcher).await;
    }

    /// Serves HTTP/1.1 on a stream.
    async fn serve_stream<S>(self, stream: S, peer: Peer, activity: Arc<Activity>, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + PeerState + Unpin + Send + 'static,
    {
        let keep_alive = !self.limits.keep_alive.is_zero();
        let io = TokioIo::new(TimedStream::new(stream, Arc::clone(&activity)));
        let service = hyper::service::service_fn(move |request| {
            respond(self.app.clone(), request, peer, Arc::clone(&activity))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // The stream has deadlines of its own, which distinguish idle connections.
            .header_read_timeout(None)
            .keep_alive(keep_alive)
            // A client that has sent its request may close its sending direction.
            .half_close(true)
            .max_buf_size(MAX_HEAD)
            .serve_connection(io, service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%peer, %error, "metrics endpoint connection failed");
        }
    }
}

/// Responds to a request, and records its progress in `activity`.
async fn respond(
    mut app: Router,
    request: Request<Incoming>,
    peer: Peer,
    activity: Arc<Activity>,
) -> Result<Response<TrackedBody>, Infallible> {
    let deadline = activity.begin();
    let mut request = request.map(Body::new);
    let response = match request_check::check(&mut request) {
        Ok(()) => {
            let extensions = request.extensions_mut();
            extensions.insert(ResponseDeadline(deadline));
            match peer {
                Peer::Tcp(address) => {
                    extensions.insert(ConnectInfo(address));
                }
                #[cfg(unix)]
                Peer::Unix => {
                    extensions.insert(LocalClient);
                }
            }
            app.call(request).await?
        }
        Err(reason) => request_check::bad_request(reason),
    };
    Ok(response.map(|body| TrackedBody::new(body, activity)))
}
