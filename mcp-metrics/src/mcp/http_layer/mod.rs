//! The HTTP layer: responses, rejected requests, open event streams and clients that disconnected.

mod body;
mod future;
mod labels;

use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use metrics::Key;
use tower_layer::Layer;
use tower_service::Service;

use crate::catalog::mcp::HTTP_ABORTED_RESPONSES;
pub use body::McpHttpBody;
pub use future::McpHttpFuture;
pub(super) use labels::HttpRequest;

/// The key of the responses that are counted as aborted.
static ABORTED_RESPONSES: Key = Key::from_static_name(HTTP_ABORTED_RESPONSES);

/// A tower layer that records the HTTP responses of an MCP server.
///
/// | family | recorded |
/// |---|---|
/// | `mcp_http_responses_total` | each response, by `http_method`, `code` and `session` |
/// | `mcp_http_auth_failures_total` | each response with the status 401 or 403, by `reason` |
/// | `mcp_http_open_streams` | event streams whose body is neither finished nor dropped |
/// | `mcp_http_aborted_responses_total` | clients that disconnected before the end of the response |
///
/// The label `session` is `none` for a request without the header `Mcp-Session-Id`, `unknown` if
/// such a request is answered with 404, since its session does not exist or has expired, and
/// `known` otherwise. Methods that are not in RFC 9110 or RFC 5789 have the `http_method` `_OTHER`.
/// The `reason` is set by an authentication layer with [`AuthFailure`]; without one, it is
/// `unauthorized` for 401 and `forbidden` for 403.
///
/// A response is aborted if it is dropped before its headers or before the end of its body. Streams
/// that only the client ends are not aborted: those of `GET` requests, and of `subscriptions/listen`.
/// Neither is an error or a panic of the service.
///
/// The layer does not change responses. It records what passes through it: put layers that reject
/// requests inside of it. [`streamable_http`](super::streamable_http) includes the layer; use it
/// directly around other services, of which it must be the only one:
///
/// ```
/// use axum::Router;
/// use mcp_metrics::mcp::{McpHttpLayer, Metered};
/// use rmcp::ServerHandler;
/// use rmcp::transport::streamable_http_server::{
///     StreamableHttpService, session::local::LocalSessionManager,
/// };
///
/// struct Hub;
/// impl ServerHandler for Hub {}
///
/// let mcp: StreamableHttpService<_, LocalSessionManager> = StreamableHttpService::new(
///     || Ok(Metered::new(Hub)),
///     Default::default(),
///     Default::default(),
/// );
/// let app: Router = Router::new()
///     .nest_service("/mcp", mcp)
///     .layer(McpHttpLayer::new());
/// # drop(app);
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct McpHttpLayer;

impl McpHttpLayer {
    /// Creates the layer.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for McpHttpLayer {
    type Service = McpHttp<S>;

    fn layer(&self, inner: S) -> McpHttp<S> {
        McpHttp { inner }
    }
}

/// A service that records the HTTP responses of the service `S`, created by [`McpHttpLayer`].
#[derive(Clone, Copy, Debug)]
pub struct McpHttp<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for McpHttp<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body,
{
    type Response = Response<McpHttpBody<R>>;
    type Error = S::Error;
    type Future = McpHttpFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let labels = HttpRequest::of(&request);
        McpHttpFuture::new(labels, self.inner.call(request))
    }
}

/// A response extension with the reason why a request was rejected: the label `reason` of
/// `mcp_http_auth_failures_total`.
///
/// An authentication layer inside of [`McpHttpLayer`] adds it to its responses with the status 401
/// or 403. Reasons are literals, so that a client cannot create series.
///
/// ```
/// use http::{Response, StatusCode};
/// use mcp_metrics::mcp::AuthFailure;
///
/// fn token_expired() -> Response<String> {
///     let mut response = Response::new("the token has expired".to_owned());
///     *response.status_mut() = StatusCode::UNAUTHORIZED;
///     response.extensions_mut().insert(AuthFailure("expired_token"));
///     response
/// }
/// # assert!(token_expired().extensions().get::<AuthFailure>().is_some());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthFailure(
    /// The reason, in `snake_case`.
    pub &'static str,
);
