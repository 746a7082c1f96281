//! The layer, and what can be set.

use std::borrow::Cow;
use std::sync::Arc;

use http::{StatusCode, request, response};
use metrics::SharedString;
use tower_layer::Layer;

use super::HttpService;
use super::outcome::{FailureRule, OutcomeRules};
use super::routes::{RoutePattern, RouteRule, Routes};
use crate::request_labels::share;

/// A tower layer that records each request of an HTTP service in the families of requests, such as
/// `mcp_hub_requests_total`.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use axum::{Router, routing::get};
/// use mcp_metrics::web::HttpLayer;
///
/// let app: Router = Router::new()
///     .route("/items/{id}", get(async || "a lamp"))
///     .layer(HttpLayer::new("shop"));
/// # use tower_service::Service;
/// # let request = axum::extract::Request::get("/items/7");
/// # let request = request.body(axum::body::Body::empty()).unwrap();
/// # let exporter = mcp_metrics::Exporter::builder().install().unwrap();
/// # let response = app.clone().call(request).await.unwrap();
/// # drop(axum::body::to_bytes(response.into_body(), 100).await);
/// # let line = r#"mcp_hub_requests_success_total{agent="shop",operation="GET /items/{id}"} 1"#;
/// # assert!(exporter.render().contains(line), "{}", exporter.render());
/// # }
/// ```
///
/// # Labels
///
/// The `agent` is the name of the service. The `operation` is the method and the path of the route,
/// such as `GET /items/{id}`; [`operation`](Self::operation),
/// [`operation_with`](Self::operation_with) and [`agent_with`](Self::agent_with) change them. A
/// method that is not in RFC 9110 or RFC 5789 is `_OTHER`, as in OpenTelemetry. A client can thus
/// create at most ten operations for each route.
///
/// Requests without a [`MatchedPath`](axum::extract::MatchedPath) have the operation `unmatched`, or
/// that of [`unmatched`](Self::unmatched): requests that no route matches, fallbacks, services of
/// `nest_service`, and all requests if the layer is not added with `Router::layer` or
/// `Router::route_layer`, but around the whole router or another service. `Router::route_layer`
/// records only requests that a route matches.
///
/// # Beginning and end
///
/// A request begins when the service is called. It ends with the body of its response, so that the
/// duration of a streamed response is that of the stream; with
/// [`end_at_headers`](Self::end_at_headers), it ends with the headers. The end of the body is when
/// the server has taken it, not when the client has received it. A response without a body ends with
/// its headers: to a `HEAD` request, with an empty body, or with the status 101, 204 or 304. A
/// connection after an upgrade, such as a WebSocket, is not part of the request.
///
/// # Outcomes
///
/// | a request | is a failure with the `error_type` |
/// |---|---|
/// | whose response has a status of 500 or above | its code, such as `503`, as in OpenTelemetry |
/// | whose handler or body panics | `panic` |
/// | whose future or body is dropped before its end, since the client has disconnected | `cancelled` |
/// | whose service or body returns an error | the name of the error's type |
///
/// All others are successes, including those with a status below 500. [`error_if`](Self::error_if),
/// [`failure_with`](Self::failure_with) and [`ok_if_dropped`](Self::ok_if_dropped) change that. The
/// first of these failures determines the label: a response with the status 503 whose body is dropped
/// is a failure with the label `503`.
///
/// The layer does not change requests and responses. If several layers record a request, each counts
/// it.
#[derive(Clone, Debug)]
#[must_use = "a layer records nothing unless a service is wrapped in it"]
pub struct HttpLayer {
    pub(super) routes: Arc<Routes>,
    pub(super) outcomes: Arc<OutcomeRules>,
}

impl HttpLayer {
    /// Creates the layer of a service. Its name is the label `agent`.
    pub fn new(agent: impl Into<SharedString>) -> Self {
        Self {
            routes: Arc::new(Routes::new(agent.into())),
            outcomes: Arc::default(),
        }
    }

    /// Sets the label `operation` of a route: `/path` for all its methods or `METHOD /path` for one,
    /// with the path as the router has it. If several apply, the last one does.
    ///
    /// ```
    /// use mcp_metrics::web::HttpLayer;
    ///
    /// let layer = HttpLayer::new("shop")
    ///     .operation("/items/{id}", "item")
    ///     .operation("POST /items", "add_item");
    /// # drop(layer);
    /// ```
    pub fn operation(self, route: &str, operation: impl Into<SharedString>) -> Self {
        self.rule(route, RouteRule::Operation(share(operation.into())))
    }

    /// Sets a function that returns the label `operation` of requests, except those of routes with
    /// an [`operation`](Self::operation).
    ///
    /// The function must return one of a small set of values; above the
    /// [cardinality limit](crate::guide::cardinality), requests are counted as `other`. It is also
    /// called for requests without a matched path, and at each request: its result should not
    /// allocate.
    ///
    /// ```
    /// use axum::http::request::Parts;
    /// use mcp_metrics::web::HttpLayer;
    ///
    /// // A service without routes, such as a file server or a proxy.
    /// let layer = HttpLayer::new("files").operation_with(|request: &Parts| {
    ///     if request.uri.path().ends_with(".zip") { "download" } else { "page" }
    /// });
    /// # drop(layer);
    /// ```
    pub fn operation_with<T: Into<SharedString>>(
        mut self,
        operation: impl Fn(&request::Parts) -> T + Send + Sync + 'static,
    ) -> Self {
        let operation = move |request: &_| operation(request).into();
        Arc::make_mut(&mut self.routes).operation_with = Some(Arc::new(operation));
        self
    }

    /// Sets a function that returns the label `agent` of requests, instead of the service's name. As
    /// for [`operation_with`](Self::operation_with), its values must be few.
    pub fn agent_with<T: Into<SharedString>>(
        mut self,
        agent: impl Fn(&request::Parts) -> T + Send + Sync + 'static,
    ) -> Self {
        let agent = move |request: &_| agent(request).into();
        Arc::make_mut(&mut self.routes).agent_with = Some(Arc::new(agent));
        self
    }

    /// Sets the label `operation` of requests without a matched path. Defaults to `unmatched`.
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use mcp_metrics::web::HttpLayer;
    /// use tower_layer::Layer as _;
    ///
    /// // A nested service has no matched path.
    /// let files = Router::new().fallback(async || "a file");
    /// let files = HttpLayer::new("files").unmatched("file").layer(files);
    /// let app: Router = Router::new()
    ///     .route("/", get(async || "the shop"))
    ///     .layer(HttpLayer::new("shop"))
    ///     .nest_service("/files", files);
    /// # drop(app);
    /// ```
    pub fn unmatched(mut self, operation: impl Into<SharedString>) -> Self {
        Arc::make_mut(&mut self.routes).unmatched = share(operation.into());
        self
    }

    /// Excludes a route, such as a health check: `/path` or `METHOD /path`, as for
    /// [`operation`](Self::operation). Its requests are not recorded.
    pub fn exclude(self, route: &str) -> Self {
        self.rule(route, RouteRule::Exclude)
    }

    /// Excludes requests for which a function returns true.
    ///
    /// ```
    /// use axum::extract::MatchedPath;
    /// use axum::http::request::Parts;
    /// use mcp_metrics::web::HttpLayer;
    ///
    /// let layer = HttpLayer::new("shop").exclude_if(|request: &Parts| {
    ///     let path = request.extensions.get::<MatchedPath>();
    ///     path.is_some_and(|path| path.as_str().starts_with("/internal/"))
    /// });
    /// # drop(layer);
    /// ```
    pub fn exclude_if(
        mut self,
        exclude: impl Fn(&request::Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        Arc::make_mut(&mut self.routes).exclude_if = Some(Arc::new(exclude));
        self
    }

    /// Sets which statuses are failures. The label is the code. Defaults to those of 500 and above.
    /// Replaces [`failure_with`](Self::failure_with).
    ///
    /// ```
    /// use axum::http::StatusCode;
    /// use mcp_metrics::web::HttpLayer;
    ///
    /// let layer = HttpLayer::new("shop").error_if(|status| {
    ///     status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
    /// });
    /// # drop(layer);
    /// ```
    pub fn error_if(
        mut self,
        is_failure: impl Fn(StatusCode) -> bool + Send + Sync + 'static,
    ) -> Self {
        let failure = FailureRule::Status(Arc::new(is_failure));
        Arc::make_mut(&mut self.outcomes).failure = failure;
        self
    }

    /// Sets a function that returns the `error_type` of a response that is a failure: one of a small
    /// set, never a message. Replaces [`error_if`](Self::error_if).
    ///
    /// ```
    /// use axum::http::response::Parts;
    /// use mcp_metrics::{Outcome, web::HttpLayer};
    ///
    /// /// A response extension, which a handler adds.
    /// #[derive(Clone)]
    /// struct Degraded;
    ///
    /// // `Outcome` of a status is the class, `5xx`, as for handlers with `#[tracked]`.
    /// let layer = HttpLayer::new("shop").failure_with(|response: &Parts| {
    ///     match response.extensions.get() {
    ///         Some(Degraded) => Some("Degraded".into()),
    ///         None => response.status.failure(),
    ///     }
    /// });
    /// # drop(layer);
    /// ```
    pub fn failure_with(
        mut self,
        failure: impl Fn(&response::Parts) -> Option<Cow<'static, str>> + Send + Sync + 'static,
    ) -> Self {
        let failure = FailureRule::Response(Arc::new(failure));
        Arc::make_mut(&mut self.outcomes).failure = failure;
        self
    }

    /// Sets a function that returns whether a request is a success if the body of its response is
    /// dropped before the end, such as a stream that only the client ends. Defaults to none: they are
    /// failures with the label `cancelled`.
    ///
    /// ```
    /// use mcp_metrics::web::{HttpLayer, is_event_stream};
    ///
    /// let layer = HttpLayer::new("shop").ok_if_dropped(is_event_stream);
    /// # drop(layer);
    /// ```
    pub fn ok_if_dropped(
        mut self,
        is_success: impl Fn(&response::Parts) -> bool + Send + Sync + 'static,
    ) -> Self {
        Arc::make_mut(&mut self.outcomes).ok_if_dropped = Some(Arc::new(is_success));
        self
    }

    /// Ends requests with the headers of their response instead of the body: durations are the times
    /// to the first byte, streams are not active operations, and what happens to a body does not
    /// affect the outcome.
    pub fn end_at_headers(mut self) -> Self {
        Arc::make_mut(&mut self.outcomes).end_at_headers = true;
        self
    }

    fn rule(mut self, route: &str, rule: RouteRule) -> Self {
        let routes = Arc::make_mut(&mut self.routes);
        routes.rules.push((RoutePattern::new(route), rule));
        self
    }
}

impl<S> Layer<S> for HttpLayer {
    type Service = HttpService<S>;

    fn layer(&self, inner: S) -> HttpService<S> {
        HttpService::new(inner, self.clone())
    }
}
