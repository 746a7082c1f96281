//! Serves a connection: the TLS handshake, then HTTP/1.1.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tower_service::Service as _;

use super::connection::{Activity, TrackedBody, WriteDeadline};
#[cfg(feature = "tls")]
use super::tls::Handshake;

/// The maximum size of a request head, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// The response to a request of plain HTTP on a TLS socket.
#[cfg(feature = "tls")]
const PLAIN_HTTP: &str = "this is an HTTPS endpoint; use `https://`, or `scheme: https` in the \
                          scrape configuration of Prometheus\n";

/// The routes and settings with which a connection is served.
#[derive(Clone)]
pub(super) struct ConnectionService {
    pub(super) app: Router,
    pub(super) timeout: Duration,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<Arc<super::Acceptor>>,
}

impl ConnectionService {
    /// Serves a connection until it is closed, after a TLS handshake if TLS is configured.
    pub(super) async fn serve(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        activity: Arc<Activity>,
        watcher: Watcher,
    ) {
        // A response takes one or two writes; the second must not wait for the ACK of the first.
        let _ = stream.set_nodelay(true);
        #[cfg(feature = "tls")]
        if let Some(tls) = self.tls.clone() {
            match tls.accept(stream, peer, self.timeout).await {
                Handshake::Complete(stream) => {
                    self.serve_stream(*stream, peer, activity, watcher).await;
                }
                Handshake::PlainHttp(stream) => {
                    let refuse = async || bad_request(PLAIN_HTTP);
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

/// Returns a response with status 400 that closes the connection.
#[cfg(feature = "tls")]
fn bad_request(reason: &'static str) -> axum::response::Response {
    use axum::http::{HeaderValue, StatusCode, header};
    use axum::response::IntoResponse as _;

    let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
    (StatusCode::BAD_REQUEST, close, Body::from(reason)).into_response()
}
