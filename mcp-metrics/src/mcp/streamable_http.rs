//! An MCP server over HTTP: handlers, sessions and HTTP responses are recorded.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use http::Request;
use http_body::Body;
use metrics::SharedString;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::{
    SessionManager, local::LocalSessionManager,
};
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tower_layer::Layer;
use tower_service::Service;

use super::http_layer::{HttpRequest, McpHttp, McpHttpFuture, McpHttpLayer};
use super::{Metered, MeteredSessions};

/// Creates the service of an MCP server over streamable HTTP, which records its handlers, as
/// [`Metered`] does, its sessions, as [`MeteredSessions`] does, and its HTTP responses, as
/// [`McpHttpLayer`] does.
///
/// `factory` and `config` are those of rmcp's [`StreamableHttpService`]: the factory returns a
/// handler for each session, or for each request where there are no sessions.
///
/// ```
/// use axum::Router;
/// use mcp_metrics::mcp;
/// use rmcp::ServerHandler;
///
/// struct Hub;
/// impl ServerHandler for Hub {}
///
/// let server = mcp::streamable_http(|| Ok(Hub), Default::default());
/// let app: Router = Router::new().nest_service("/mcp", server);
/// # drop(app);
/// ```
#[must_use]
pub fn streamable_http<S: ServerHandler>(
    factory: impl Fn() -> io::Result<S> + Send + Sync + 'static,
    config: StreamableHttpServerConfig,
) -> StreamableHttp<S> {
    StreamableHttp::new(Options {
        factory: Arc::new(factory),
        sessions: Arc::default(),
        config,
        agent: None,
        supervised: false,
    })
}

/// The service of a recorded MCP server over HTTP, created by [`streamable_http`].
///
/// Clones are one server: they share sessions and configuration.
pub struct StreamableHttp<S, M = LocalSessionManager> {
    shared: Arc<Shared<S, M>>,
}

struct Options<S, M> {
    factory: Arc<dyn Fn() -> io::Result<S> + Send + Sync>,
    sessions: Arc<MeteredSessions<M>>,
    config: StreamableHttpServerConfig,
    agent: Option<SharedString>,
    supervised: bool,
}

type Rmcp<S, M> = StreamableHttpService<Metered<S>, MeteredSessions<M>>;

struct Shared<S, M> {
    options: Options<S, M>,
    /// Created by the first request, with the final options.
    rmcp: OnceLock<Rmcp<S, M>>,
}

impl<S: ServerHandler, M: SessionManager> StreamableHttp<S, M> {
    fn new(options: Options<S, M>) -> Self {
        let rmcp = OnceLock::new();
        Self {
            shared: Arc::new(Shared { options, rmcp }),
        }
    }

    fn options(&self) -> Options<S, M> {
        self.shared.options.clone()
    }

    /// Also counts each tool call as a request of this agent, as [`Metered::agent`] does.
    #[must_use]
    pub fn agent(self, agent: impl Into<SharedString>) -> Self {
        Self::new(Options {
            agent: Some(agent.into()),
            ..self.options()
        })
    }

    /// Ends requests that are cancelled and answers requests that panic, as
    /// [`Metered::supervised`] does.
    #[must_use]
    pub fn supervised(self) -> Self {
        Self::new(Options {
            supervised: true,
            ..self.options()
        })
    }

    /// Replaces the session manager. The default is rmcp's [`LocalSessionManager`] with its default
    /// configuration.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// # use mcp_metrics::mcp;
    /// # use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
    /// # struct Hub;
    /// # impl rmcp::ServerHandler for Hub {}
    ///
    /// let mut sessions = LocalSessionManager::default();
    /// sessions.session_config.keep_alive = Some(Duration::from_secs(60));
    /// let server = mcp::streamable_http(|| Ok(Hub), Default::default()).sessions(Arc::new(sessions));
    /// # drop(server);
    /// ```
    #[must_use]
    pub fn sessions<N: SessionManager>(self, sessions: Arc<N>) -> StreamableHttp<S, N> {
        let Options {
            factory,
            config,
            agent,
            supervised,
            ..
        } = self.options();
        StreamableHttp::new(Options {
            factory,
            sessions: Arc::new(MeteredSessions::new(sessions)),
            config,
            agent,
            supervised,
        })
    }

    /// Adds a layer between the recorded HTTP responses and the server, for example one that
    /// authenticates requests: its responses are counted, and its reasons, if it sets
    /// [`AuthFailure`](super::AuthFailure).
    ///
    /// A layer that is added to the router instead is outside, and its responses are not counted.
    ///
    /// ```
    /// use axum::extract::Request;
    /// use axum::http::StatusCode;
    /// use axum::middleware::{Next, from_fn};
    /// use axum::response::{IntoResponse, Response};
    /// use mcp_metrics::mcp::{self, AuthFailure};
    /// # struct Hub;
    /// # impl rmcp::ServerHandler for Hub {}
    ///
    /// async fn authenticate(request: Request, next: Next) -> Response {
    ///     let Some(_token) = request.headers().get("authorization") else {
    ///         let mut response = StatusCode::UNAUTHORIZED.into_response();
    ///         response.extensions_mut().insert(AuthFailure("missing_token"));
    ///         return response;
    ///     };
    ///     next.run(request).await
    /// }
    ///
    /// let server = mcp::streamable_http(|| Ok(Hub), Default::default())
    ///     .agent("hub")
    ///     .layer(from_fn(authenticate));
    /// let app: axum::Router = axum::Router::new().nest_service("/mcp", server);
    /// # drop(app);
    /// ```
    #[must_use]
    pub fn layer<L: Layer<StreamableHttpService<Metered<S>, MeteredSessions<M>>>>(
        self,
        layer: L,
    ) -> McpHttp<L::Service> {
        let rmcp = self.shared.rmcp().clone();
        McpHttpLayer::new().layer(layer.layer(rmcp))
    }
}

impl<S: ServerHandler, M: SessionManager> Shared<S, M> {
    fn rmcp(&self) -> &Rmcp<S, M> {
        self.rmcp.get_or_init(|| self.options.clone().build())
    }
}

impl<S: ServerHandler, M: SessionManager> Options<S, M> {
    fn build(self) -> Rmcp<S, M> {
        let handler = move || {
            let mut handler = Metered::new((self.factory)()?);
            if let Some(agent) = &self.agent {
                handler = handler.agent(agent.clone());
            }
            Ok(if self.supervised {
                handler.supervised()
            } else {
                handler
            })
        };
        StreamableHttpService::new(handler, self.sessions, self.config)
    }
}

impl<S, M, B> Service<Request<B>> for StreamableHttp<S, M>
where
    S: ServerHandler,
    M: SessionManager,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: fmt::Display,
{
    type Response = <McpHttp<Rmcp<S, M>> as Service<Request<B>>>::Response;
    type Error = Infallible;
    type Future = McpHttpFuture<RmcpFuture<S, M, B>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let labels = HttpRequest::of(&request);
        let shared = Arc::clone(&self.shared);
        // Not the service's `call`, which clones the whole configuration.
        let response = Box::pin(async move { Ok(shared.rmcp().handle(request).await) });
        McpHttpFuture::new(labels, response)
    }
}

type RmcpResponse<S, M, B> = <Rmcp<S, M> as Service<Request<B>>>::Response;
type RmcpFuture<S, M, B> =
    Pin<Box<dyn Future<Output = Result<RmcpResponse<S, M, B>, Infallible>> + Send>>;

impl<S, M> Clone for StreamableHttp<S, M> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<S, M> Clone for Options<S, M> {
    fn clone(&self) -> Self {
        Self {
            factory: Arc::clone(&self.factory),
            sessions: Arc::clone(&self.sessions),
            config: self.config.clone(),
            agent: self.agent.clone(),
            supervised: self.supervised,
        }
    }
}

impl<S, M> fmt::Debug for StreamableHttp<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.shared.options;
        f.debug_struct("StreamableHttp")
            .field("config", &options.config)
            .field("agent", &options.agent)
            .field("supervised", &options.supervised)
            .finish_non_exhaustive()
    }
}
