//! The endpoint's routes, for an application's own server.

use axum::Router;
use axum::routing::MethodRouter;

use super::Exporter;

impl Exporter {
    /// Returns all routes of the endpoint, to be merged or nested into an application's own
    /// [`Router`]:
    ///
    /// - `GET /metrics`, `GET /api/get_prometheus_metrics_service` and the paths of
    ///   [`metrics_path`](crate::ExporterBuilder::metrics_path): the metrics. According to
    ///   `Accept`, they are in the text format, `text/plain; version=0.0.4; charset=utf-8`, or in
    ///   OpenMetrics, `application/openmetrics-text; version=1.0.0; charset=utf-8`, which
    ///   Prometheus prefers;
    /// - `GET /health`: `ok`, as long as the server responds;
    /// - with [`status_page`](crate::ExporterBuilder::status_page) also `GET /`, a status page in
    ///   HTML, and `GET /api/metrics_summary`, a [`MetricsSummary`](crate::MetricsSummary) in JSON.
    ///
    /// axum panics if an application's router has a route of the same path. An application with a
    /// `/health` of its own merges [`metrics_router`](Self::metrics_router), and one with a
    /// `/metrics` of its own serves [`metrics_handler`](Self::metrics_handler) at another path.
    ///
    /// The metrics and `/health` are also served with a trailing slash and with a doubled leading
    /// one, `/metrics/` and `//metrics`. `HEAD` is supported too; other methods get 405. Responses
    /// are compressed with gzip (or zstd, with the feature of that name) according to
    /// `Accept-Encoding`. Concurrent requests share one render.
    ///
    /// With the feature `auth`, the builder's access rules apply here as well: tokens and passwords
    /// to all routes but `/health`, networks to all. Network rules need the client's address: serve
    /// the router with axum's `into_make_service_with_connect_info::<SocketAddr>()`. Otherwise all
    /// requests are refused. Connection limits and TLS are up to the application's server.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), mcp_metrics::InstallError> {
    /// use axum::{Router, routing::get};
    /// use mcp_metrics::Exporter;
    ///
    /// let exporter = Exporter::builder().install()?;
    /// let app: Router = Router::new()
    ///     .route("/", get(|| async { "my hub" }))
    ///     .merge(exporter.router());
    /// # let _ = app; Ok(())
    /// # }
    /// ```
    pub fn router(&self) -> Router {
        self.inner.endpoint.router()
    }

    /// Returns only the routes of the metrics, those of [`router`](Self::router) without `/health`
    /// and the status page.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), mcp_metrics::InstallError> {
    /// use axum::{Router, routing::get};
    /// use mcp_metrics::Exporter;
    ///
    /// let exporter = Exporter::builder().install()?;
    /// let app: Router = Router::new()
    ///     .route("/health", get(|| async { "my hub is healthy" }))
    ///     .merge(exporter.metrics_router());
    /// # let _ = app; Ok(())
    /// # }
    /// ```
    pub fn metrics_router(&self) -> Router {
        self.inner.endpoint.metrics_router()
    }

    /// Returns the handler of the metrics, with the builder's access rules, for any path of an
    /// application and for routers with any state.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), mcp_metrics::InstallError> {
    /// use axum::Router;
    /// use mcp_metrics::Exporter;
    ///
    /// let exporter = Exporter::builder().install()?;
    /// let app: Router = Router::new().route("/internal/metrics", exporter.metrics_handler());
    /// # let _ = app; Ok(())
    /// # }
    /// ```
    pub fn metrics_handler<S>(&self) -> MethodRouter<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        self.inner.endpoint.metrics_route()
    }
}
